import type { readRoute } from '../../../../src/contracts/routes/gateway.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { t } from '../../messages/gateway.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextField, type Option } from '../../ui/field.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { dataClassName } from './data-class.ts'
import { mostWays, moved, type Way } from './ways.ts'

type RouteView = ReplyOf<typeof readRoute>

/** Where the calls for one model go: to the first provider, and to those below it in their order when it fails. */
export function WaysField({
  route,
  alias,
  ways,
  onChange,
}: {
  readonly route: RouteView
  readonly alias: string
  readonly ways: readonly Way[]
  readonly onChange: (ways: readonly Way[]) => void
}) {
  const [first] = ways
  const set = (n: number, change: Partial<Way>) =>
    onChange(ways.map((way, at) => (at === n ? { ...way, ...change } : way)))
  const add = { upstreamId: '', model: first?.model ?? '', declaredAs: alias }
  return (
    <fieldset className="field">
      <legend>
        <code>
          <Untrusted text={alias} />
        </code>
      </legend>
      {ways.map((way, n) => (
        <div
          key={n}
          className="stack"
          {...(n === 0 ? {} : { role: 'group', 'aria-label': t('route.fallback', { n }) })}
        >
          <SelectField
            label={n === 0 ? t('route.provider') : t('route.fallback', { n })}
            value={way.upstreamId}
            onChange={(upstreamId) => set(n, { upstreamId })}
            empty={n === 0 ? t('route.nowhere') : t('route.choose')}
            options={n === 0 ? choicesOf(route, 'models') : speakingAs(route, first)}
          />
          {way.upstreamId !== '' && (
            <TextField
              label={t('route.model')}
              help={t('route.modelHelp')}
              value={way.model}
              onChange={(model) => set(n, { model })}
              isMono
            />
          )}
          {n > 0 && route.aliases.length > 1 && (
            <SelectField
              label={t('route.declaredAs')}
              help={t('route.declaredAsHelp')}
              value={way.declaredAs}
              onChange={(declaredAs) => set(n, { declaredAs })}
              options={route.aliases.map((value) => ({ value, label: value }))}
            />
          )}
          {n > 0 && (
            <div className="row">
              <Button
                kind="quiet"
                label={t('route.earlierOf', { n })}
                onClick={() => onChange(moved(ways, n))}
              >
                {t('route.earlier')}
              </Button>
              <Button
                kind="quiet"
                label={t('route.removeOf', { n })}
                onClick={() => onChange(ways.filter((_, at) => at !== n))}
              >
                {t('route.remove')}
              </Button>
            </div>
          )}
        </div>
      ))}
      {first !== undefined && first.upstreamId !== '' && (
        <div className="row">
          <Button
            kind="quiet"
            label={t('route.addFallbackTo', { alias })}
            whyNot={ways.length < mostWays ? null : t('route.noMore')}
            onClick={() => onChange([...ways, add])}
          >
            {t('route.addFallback')}
          </Button>
        </div>
      )}
    </fieldset>
  )
}

/** The providers that serve one kind, each with what it may be sent. */
export function choicesOf({ upstreams }: RouteView, what: 'models' | 'tools'): readonly Option[] {
  return upstreams
    .filter(({ api }) => (api === 'mcp') === (what === 'tools'))
    .map(({ id, name, region, ceiling, state }) => ({
      value: id,
      label: `${name}, ${region}${what === 'tools' ? '' : `, ${t('provider.upTo', { dataClass: dataClassName(ceiling) })}`}`,
      whyNot: state === 'disabled' ? t('provider.isDisabled') : null,
    }))
}

/** The same, where one that speaks another API than the first one cannot be chosen. */
function speakingAs(route: RouteView, first: Way | undefined): readonly Option[] {
  const isAnthropic = (id: string | undefined) =>
    route.upstreams.find((upstream) => upstream.id === id)?.api === 'anthropic'
  return choicesOf(route, 'models').map((choice) => ({
    ...choice,
    whyNot:
      isAnthropic(choice.value) === isAnthropic(first?.upstreamId)
        ? (choice.whyNot ?? null)
        : t('route.otherApi'),
  }))
}
