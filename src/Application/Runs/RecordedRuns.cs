using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Grains.Kernel;

namespace Agora.Application.Runs;

/// <summary>Runs that are over, by their rows. The output of a run is in the journal only.</summary>
internal sealed class RecordedRuns(IJournalReader journal)
{
    /// <summary>Null if the session has no such run.</summary>
    public async Task<RecordedRun?> Find(Tenant tenant, string sessionId, Guid runId, CancellationToken cancel) =>
        await journal.Recorded(tenant, runId, cancel) is { } found && RowOf(found).Text("session_id") == sessionId ? found : null;

    /// <summary>The refusal that the run ended with. Null if it was done.</summary>
    public static Rejection? Refusal(RecordedRun found, Guid runId) =>
        found.End?.Refusal() ?? (found.End is null && RowOf(found).OptionalText("failure_code") is { } code ? RunRejection.RunFailed(runId, code, "The run came to nothing; nothing was spent.") : null);

    public static NamedRow RowOf(RecordedRun found) => new(TableShapes.Of(RunTables.Runs), found.Row);
}
