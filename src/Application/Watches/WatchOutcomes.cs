using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Watches;
using Agora.Models;

namespace Agora.Application.Watches;

/// <summary>What became of a turn's call, whoever made it: its session says whether and at what it was paid, its reply what was said.</summary>
internal sealed class WatchOutcomes(IEntities entities, ReplyProgress progress, KeptReplies kept, IJournalReader journal)
{
    /// <summary>A run that its session does not know by then, or has refused, never begins: its command would be too old. Until then one that is late on its way may still be let in.</summary>
    public static readonly TimeSpan NeverBeginsAfter = Limits.OutcomeKept + TimeSpan.FromSeconds(60);

    public async Task<WatchOutcome> Of(ModelCaller call, TurnUnderWay under, string? stopWord)
    {
        if (await OpenCalls.IsUnderWay(entities, call, under.SessionId, under.RunId)) return WatchOutcome.Waits;

        var isTooOld = call.Now - Ids.TimeOf(under.RunId) > NeverBeginsAfter;
        switch ((await journal.Recorded(call.Tenant, under.RunId, CancellationToken.None))?.End)
        {
            case RunEvent.Concluded ended:
                return await Of(call, under, stopWord, ended);
            case RunEvent.Refused refused:
                return isTooOld ? WatchOutcome.Failed(refused.Reason.Code, 0, IsFinal(refused.Reason.Code)) : WatchOutcome.Waits;
            default:
                return isTooOld ? WatchOutcome.Failed(Codes.Unavailable, 0) : WatchOutcome.Unknown;
        }
    }

    /// <summary>Another attempt would be refused as well.</summary>
    public static bool IsFinal(string code) => Codes.RetryOf(code) == RetryWith.Never;

    private async Task<WatchOutcome> Of(ModelCaller call, TurnUnderWay under, string? stopWord, RunEvent.Concluded ended)
    {
        var posted = ended.Posted ? ended.AmountMicros : 0;
        var session = await call.Peek();
        var reply = session is null ? null : await progress.Settled(call, session, under.RunId);
        if (reply is { Ended: null }) return WatchOutcome.Waits;
        if (reply is null)
        {
            // The user deleted the reply while the model wrote it: the turn is over and paid. Another attempt would cost again.
            return ended.Posted && session is not null && await kept.Deleted(call, session, under.RunId) is not null ? WatchOutcome.Ended(TurnFinish.Cut, posted) : WatchOutcome.Failed(ended.WhyFailed ?? Codes.UpstreamFailed, posted);
        }

        var said = reply.Reply();
        return said.Fault is { } fault
            ? WatchOutcome.Failed(ended.WhyFailed ?? Codes.UpstreamFailed, posted, DialectFaults.IsOfRequest(fault))
            : WatchOutcome.Ended(FinishOf(said, stopWord), posted);
    }

    private static TurnFinish FinishOf(ModelReply reply, string? stopWord)
    {
        var text = ReplyTexts.Of(reply);
        return stopWord is not null && text.Contains(stopWord, StringComparison.Ordinal) ? TurnFinish.StopWord
            : reply.Finish is Finish.Length or Finish.ContentFilter or Finish.Cancelled ? TurnFinish.Cut
            : string.IsNullOrWhiteSpace(text) ? TurnFinish.Silent
            : TurnFinish.Said;
    }
}

/// <summary>Closed.</summary>
/// <param name="Finish">Null: it failed.</param>
/// <param name="Code">Why it failed; null: it did not.</param>
internal sealed record WatchOutcome(bool IsOver, bool IsKnown, TurnFinish? Finish = null, string? Code = null, long CostMicros = 0, bool IsFinal = false)
{
    /// <summary>The call is under way, or the end of its reply is being written.</summary>
    public static WatchOutcome Waits { get; } = new(false, true);

    /// <summary>Its session does not know the run: nobody has asked for it, or that is late on its way.</summary>
    public static WatchOutcome Unknown { get; } = new(false, false);

    public static WatchOutcome Ended(TurnFinish finish, long costMicros) => new(true, true, finish, null, costMicros);

    public static WatchOutcome Failed(string code, long costMicros, bool isFinal = false) => new(true, true, null, code, costMicros, isFinal);

    public WatchCommand Told(Guid driver, TurnUnderWay under) => Finish is { } finish
        ? new WatchCommand.EndTurn(driver, under.Number, under.Attempt, finish, CostMicros)
        : new WatchCommand.FailTurn(driver, under.Number, under.Attempt, Code!, CostMicros, IsFinal);
}
