using System.Text;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Testing;

namespace Agora.Simulation.Checks;

/// <summary>
/// Tenants know nothing of each other. Whatever a process sends to the journal of one tenant's stream (events, with the holds, sources and transfers that they name,
/// rows of query tables, clients' keys) names no other tenant's stream. That the books of each balance by themselves is for <see cref="Books"/> to say, of which each tenant has one.
/// </summary>
public sealed class Tenants(IReadOnlyList<string> names, Findings findings)
{
    /// <summary>Stands between a process and the journal.</summary>
    public IJournal Between(IJournal journal) => names.Count > 1 ? new Watched(journal, this) : journal;

    private void Look(StreamAppend append)
    {
        var own = StreamId.Parse(append.Stream).Tenant;
        foreach (var other in names.Where(name => name != own))
        {
            findings.Expect(!(append.Row?.Body.Span.IndexOf(Encoding.UTF8.GetBytes(other + "/")) >= 0), $"{append.Stream} #{append.Row?.Seq} names a stream of tenant {other}.");
        }

        findings.Expect(append.Keys.All(key => key.Tenant == own && key.Stream == append.Stream), $"{append.Stream} takes a key of another tenant.");
        foreach (var row in append.Upserts)
        {
            var tenant = row.Values[row.Table.Columns.ToList().IndexOf("tenant")];
            findings.Expect(
                tenant as string == own && !row.Values.OfType<string>().Any(value => names.Any(name => name != own && value.Contains(name + "/", StringComparison.Ordinal))),
                $"{append.Stream} writes a row of {row.Table.Name} that names another tenant: {string.Join(" | ", row.Values)}.");
        }
    }

    private sealed class Watched(IJournal journal, Tenants tenants) : DelegatingJournal(journal)
    {
        public override Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
        {
            foreach (var append in batch)
            {
                tenants.Look(append);
            }

            return base.Append(batch, again, cancel);
        }
    }
}
