// The site that most scenarios begin with — migrated, the sample district, plaques hung, an escrow key — made once in a run and kept
// in the folder that is named; the others copy it (MSD_SITE_TEMPLATE). Each still has a server and a database of its own.
import { Site } from './harness.mjs'

delete process.env.MSD_SITE_TEMPLATE
const site = await Site.open('template')
try {
  await site.keepAsTemplate(process.argv[2])
} finally {
  await site.close()
}
