using System.Runtime.CompilerServices;
using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Api.Admin.Models;

/// <summary>Calls of models that ended within a time, the newest first, a page at a time: nobody waits for more than a page is read. Of more than <see cref="Limits.CallsAddedUp"/> the newest are read.</summary>
internal sealed class CallRows(ITables tables, int most = Limits.CallsAddedUp)
{
    public async IAsyncEnumerable<NamedRow> Within(Tenant tenant, CallSpan span, [EnumeratorCancellation] CancellationToken cancel)
    {
        var shape = TableShapes.Of(RunTables.ModelCalls);
        IReadOnlyList<Condition> where = [TableReader.Is("tenant", tenant.Name), new("ended_at", Comparison.AtLeast, span.From.ToMicros()), new("ended_at", Comparison.LessThan, span.To.ToMicros())];
        IReadOnlyList<object>? after = null;
        for (var read = 0; ;)
        {
            var page = (await tables.Query(new TableQuery(shape, where, [new("ended_at", Descending: true), new("run_id", Descending: true)], 0, Limits.StreamedRows) { After = after, CountUpTo = 0 }, cancel)).Rows;
            foreach (var row in page)
            {
                if (read++ == most)
                {
                    span.IsCut = true;
                    yield break;
                }

                yield return new(shape, row);
            }

            if (page.Count < Limits.StreamedRows) yield break;

            var last = new NamedRow(shape, page[^1]);
            after = [last.Number("ended_at"), last.Text("run_id")];
        }
    }
}

/// <param name="From">Included.</param>
/// <param name="To">Excluded.</param>
internal sealed record CallSpan(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>There were more calls than are read; known when they are.</summary>
    public bool IsCut { get; set; }

    /// <summary>The last day, where nothing is said.</summary>
    public static CallSpan Of((DateTimeOffset? From, DateTimeOffset? To) asked, DateTimeOffset now)
    {
        var to = asked.To ?? now.AddMilliseconds(1);
        return new(asked.From ?? (to > DateTimeOffset.UnixEpoch.AddDays(1) ? to.AddDays(-1) : DateTimeOffset.UnixEpoch), to);
    }
}
