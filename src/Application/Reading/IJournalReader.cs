using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Webhooks;
using Agora.Journal;

namespace Agora.Application.Reading;

/// <summary>Reads what stays in the journal and out of every state and table: personal outputs, and how runs were decided. Null: there is no such thing, or of an output, its user's key was destroyed.</summary>
public interface IJournalReader
{
    /// <summary>Something has ever happened there. It wakes no entity: for ids that a stranger may have made up.</summary>
    Task<bool> IsKnown(StreamId stream, CancellationToken cancel);

    /// <summary>The durable event that decided the run.</summary>
    Task<RunEvent.Concluded?> Run(Tenant tenant, string sessionId, Guid runId, CancellationToken cancel);

    /// <summary>All that is shown of a run that is over, whosever session's it was.</summary>
    Task<RecordedRun?> Recorded(Tenant tenant, Guid runId, CancellationToken cancel);

    /// <summary>What an operator asked for, from the row that was decided for it.</summary>
    Task<Act?> Act(string stream, long seq, Guid commandId, CancellationToken cancel);

    /// <summary>What a row of an endpoint's stream says was told to it.</summary>
    Task<IReadOnlyList<Delivery>> Deliveries(string stream, long seq, CancellationToken cancel);

    /// <summary>A command was sent with this Idempotency-Key by this credential, and the key is still kept. What others have sent under the same text is theirs.</summary>
    Task<bool> IsKeyed(Tenant tenant, string credential, string key, CancellationToken cancel);

    /// <summary>Entities and commands that were sent with this Idempotency-Key, whoever sent it, as long as the key is kept: for people who look, never for a decision.</summary>
    Task<IReadOnlyList<(StreamId Stream, Guid CommandId, string Credential)>> Keyed(Tenant tenant, string key, int limit, CancellationToken cancel);

    /// <param name="outputCommand">The command whose entry in the user's stream holds it (<c>completions.output_command</c>).</param>
    /// <param name="completedSeq">The row that completed the task: the output is in it or, as a rule shortly, before it.</param>
    Task<Personal?> CompletionOutput(Tenant tenant, string userId, Guid outputCommand, long completedSeq, CancellationToken cancel);
}

/// <param name="Row">Of the runs' table.</param>
/// <param name="End">The durable event that ended it; null: the journal has been cut off before it.</param>
/// <param name="RefundedMicros">Of its payment.</param>
public sealed record RecordedRun(TableRow Row, RunEvent? End, long RefundedMicros);
