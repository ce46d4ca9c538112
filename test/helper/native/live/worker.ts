/** Opens two captures and drains one of them until it is ended. */
import { watch } from './scene.ts';

const far = watch('far');
watch('lo');
setInterval(() => far.take(), 10);
