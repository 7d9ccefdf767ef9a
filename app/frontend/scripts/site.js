// What forms gain from a script: error summaries take the focus, a double click sends once, long answers are counted.
import { Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, Radios, createAll } from "govuk-frontend";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
createAll(Button, { preventDoubleClick: true });
createAll(CharacterCount);
createAll(Checkboxes);
createAll(ErrorSummary);
createAll(NotificationBanner);
createAll(Radios);
