using Agora.Application.Calls;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Grains.Kernel;

namespace Agora.Application.Models;

/// <summary>How far replies of models are whose end is not kept yet: the process that made one may be gone.</summary>
internal sealed class ReplyProgress(KeptReplies kept, IEntities entities, IJournalReader journal)
{
    /// <summary>A reply with its end, if it has one by now; this writes the end that its process did not write.</summary>
    /// <returns>Null if nothing of it is kept.</returns>
    public async Task<KeptReply?> Settled(ModelCaller call, SessionView session, Guid runId)
    {
        var reply = await kept.Find(call, session, runId);
        return reply is { Ended: null } && await kept.IsOver(call, reply, await Of(call, reply)) ? await kept.Find(call, session, runId) : reply;
    }

    /// <summary>As its session has it. After a call ended, its process has <see cref="KeepingReply.Patience"/> twice to write the end of the reply.</summary>
    public async Task<Making> Of(ModelCaller call, KeptReply reply)
    {
        if (await OpenCalls.IsUnderWay(entities, call, reply.SessionId, reply.RunId)) return Making.UnderWay;
        if (await journal.Recorded(call.Tenant, reply.RunId, CancellationToken.None) is not { End: RunEvent.Concluded ended } recorded)
        {
            return call.Now > reply.CreatedAt + Limits.ModelCallAtMost ? Making.Failed : Making.UnderWay;
        }

        var isLate = call.Now > SettledAt(recorded) + KeepingReply.Patience + KeepingReply.Patience;
        return ended.Model switch
        {
            { FailureCode: null } => isLate ? Making.PaidBefore : Making.Paid,
            { IsEstimate: true, FailureCode: Codes.UpstreamTimeout } => Making.Failed,
            _ => isLate ? Making.Failed : Making.UnderWay,
        };
    }

    /// <summary>Whether a call was answered and paid just now: then its process is about to keep the reply, unless it is gone.</summary>
    public async Task<bool> IsBeingKept(ModelCaller call, Guid runId) =>
        await journal.Recorded(call.Tenant, runId, CancellationToken.None) is { End: RunEvent.Concluded { Model.FailureCode: null } } recorded && call.Now <= SettledAt(recorded) + KeepingReply.Patience;

    private static DateTimeOffset SettledAt(RecordedRun recorded) => new NamedRow(TableShapes.Of(RunTables.Runs), recorded.Row).Time("settled_at");
}
