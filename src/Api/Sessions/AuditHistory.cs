using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Journal;

namespace Agora.Api.Sessions;

internal sealed record AuditFilter(string? Operation, DateTimeOffset? From, DateTimeOffset? To, Page Page)
{
    public static AuditFilter Read(Call call) => new(
        call.Query.Text("operation", "Only this operation."), call.Query.Time("from", "From this time on."), call.Query.Time("to", "Before this time."), call.Query.Page());
}

/// <summary>
/// A session's audit: the entries of table <c>audit</c>, and its runs, whose one row is receipt and audit entry both. Two ordered lists
/// are merged, newest first; a session's entries are bounded by its rate and age (43,200 at 30 a minute), and so is what a deep page reads.
/// </summary>
internal sealed class AuditHistory(TenantTables tables, OperationTable operations, string sessionId, AuditFilter filter)
{
    private const int Batch = 500;

    public async Task<(IReadOnlyList<AuditEntryData> Entries, long Total)> Page(Page page, CancellationToken cancel)
    {
        var visits = new Cursor(this, SessionTables.Audit, "audit_id", "created_at");
        var runs = new Cursor(this, RunTables.Runs, "run_id", "requested_at");
        var entries = new List<AuditEntryData>();
        await visits.Fill(cancel);
        await runs.Fill(cancel);
        for (var place = 0L; entries.Count < page.Limit; place++)
        {
            var newest = Newer(visits.Head, runs.Head) ? visits : runs;
            if (newest.Head is not { } entry) break;

            if (place >= page.Offset)
            {
                entries.Add(entry);
            }

            await newest.Advance(cancel);
        }

        return (entries, visits.Total + runs.Total);
    }

    private static bool Newer(AuditEntryData? visit, AuditEntryData? run) =>
        run is null || (visit is not null && (visit.CreatedAt, visit.Id).CompareTo((run.CreatedAt, run.Id)) > 0);

    private AuditEntryData Entry(NamedRow row, string idColumn, string timeColumn) => new(
        row.Text(idColumn), operations.NameOf(row.Text("operation")), row.Text("endpoint"), row.Text("request_summary"), (int)row.Number("response_status"), row.Time(timeColumn));

    private IEnumerable<Condition> Where(string timeColumn)
    {
        yield return TableReader.Is("session_id", sessionId);
        if (filter.Operation is { } operation)
        {
            yield return TableReader.Is("operation", operations.StoredNameOf(operation));
        }

        if (filter.From is { } from)
        {
            yield return new(timeColumn, Comparison.AtLeast, from.ToMicros());
        }

        if (filter.To is { } to)
        {
            yield return new(timeColumn, Comparison.LessThan, to.ToMicros());
        }
    }

    /// <summary>One of the lists, read in batches.</summary>
    private sealed class Cursor(AuditHistory history, Table table, string idColumn, string timeColumn)
    {
        private IReadOnlyList<NamedRow> _rows = [];
        private int _at;
        private int _offset;

        public long Total { get; private set; }

        public AuditEntryData? Head => _at < _rows.Count ? history.Entry(_rows[_at], idColumn, timeColumn) : null;

        public async Task Advance(CancellationToken cancel)
        {
            if (++_at >= _rows.Count && _offset < Total)
            {
                await Fill(cancel);
            }
        }

        public async Task Fill(CancellationToken cancel)
        {
            (_rows, Total) = await history.Read(table, new(_offset, Batch), [new(timeColumn, Descending: true), new(idColumn, Descending: true)], timeColumn, cancel);
            _offset += _rows.Count;
            _at = 0;
        }
    }

    private Task<(IReadOnlyList<NamedRow> Rows, long Total)> Read(Table table, Page page, IReadOnlyList<Order> order, string timeColumn, CancellationToken cancel) =>
        tables.Page(table, page, order, cancel, Where(timeColumn));
}
