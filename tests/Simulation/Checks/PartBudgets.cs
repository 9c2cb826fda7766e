using Agora.Core.Runs;
using Agora.Core.Users;

namespace Agora.Simulation.Checks;

/// <summary>
/// No accepted Reserve takes what a user spends on a service, or on a category, above the cap that stands for it, counted from the first put of any for the user on. Which
/// service a hold is for only its run's own session says, and its row may come later than the hold's: so it is added up when everything is at rest.
/// </summary>
public sealed class PartBudgets(Findings findings)
{
    private readonly Dictionary<Guid, (string Service, string? Category)> _runs = [];
    private readonly SortedDictionary<string, List<Entry>> _entries = new(StringComparer.Ordinal);

    public void Requested(RunEvent.Requested e) => _runs.TryAdd(e.RunId, (e.ServiceId, e.Category));

    /// <param name="caps">Null: the user never had any.</param>
    public void Reserved(Committed at, UserEvent.HoldReserved e, IReadOnlyList<PartCap>? caps, string day, string month) =>
        Of(at).Add(new(at.Seq, e.HoldId, e.RunId, e.AmountMicros, caps, $"day:{day}", $"month:{month}"));

    public void Ended(Committed at, Guid hold, long? posted) => Of(at).Add(new(at.Seq, hold, null, posted ?? 0, [], "", ""));

    public void Refunded(Committed at, Guid run, long amount) => Of(at).Add(new(at.Seq, null, run, amount, [], "", ""));

    public void Rest()
    {
        foreach (var (user, entries) in _entries)
        {
            Walk(user, entries);
        }
    }

    private void Walk(string user, List<Entry> entries)
    {
        var (used, holds, runs) = (new Dictionary<string, long>(StringComparer.Ordinal), new Dictionary<Guid, (Entry Hold, List<string> Keys)>(), new Dictionary<Guid, List<string>>());
        foreach (var entry in entries)
        {
            if (entry is { Hold: { } id, Run: { } run })
            {
                var keys = _runs.TryGetValue(run, out var of) ? Count(user, used, entry, of.Service, of.Category) : [];
                holds[id] = (entry, keys);
                runs[run] = keys;
            }
            else if (entry.Hold is { } ended && holds.Remove(ended, out var hold))
            {
                hold.Keys.ForEach(key => used[key] -= hold.Hold.Amount - entry.Amount);
            }
            else if (entry is { Hold: null, Run: { } refunded } && runs.TryGetValue(refunded, out var counted))
            {
                foreach (var key in counted)
                {
                    used[key] -= entry.Amount;
                    findings.Expect(used[key] >= 0, $"User {user} gets {entry.Amount} back on {key}, where less was spent (#{entry.Seq}).");
                }
            }
        }
    }

    private List<string> Count(string user, Dictionary<string, long> used, Entry hold, string service, string? category)
    {
        List<string> keys = [];
        if (hold.Caps is not { } caps) return keys;

        foreach (var (kind, name) in new[] { ("service", service), ("category", category?.ToUpperInvariant()) })
        {
            var cap = caps.FirstOrDefault(cap => cap.Kind == kind && (kind == "service" ? cap.Name : cap.Name.ToUpperInvariant()) == name);
            foreach (var (key, limit) in new[] { ($"{hold.Day} {kind} {name}", cap?.DailyCapMicros), ($"{hold.Month} {kind} {name}", cap?.MonthlyCapMicros) })
            {
                if (string.IsNullOrEmpty(name) || hold.Amount == 0) continue;

                keys.Add(key);
                used[key] = used.GetValueOrDefault(key) + hold.Amount;
                findings.Expect(limit is null || used[key] <= limit, $"User {user} overspends: {key} stands at {used[key]} of {limit} (#{hold.Seq}).");
            }
        }

        return keys;
    }

    private List<Entry> Of(Committed at)
    {
        if (!_entries.TryGetValue(at.Stream.Id, out var entries))
        {
            _entries.Add(at.Stream.Id, entries = []);
        }

        return entries;
    }

    /// <param name="Hold">Null: a refund of the run.</param>
    /// <param name="Run">Null: the hold ends, and <paramref name="Amount"/> of it is spent.</param>
    /// <param name="Caps">Those in force when it was reserved.</param>
    private sealed record Entry(long Seq, Guid? Hold, Guid? Run, long Amount, IReadOnlyList<PartCap>? Caps, string Day, string Month);
}
