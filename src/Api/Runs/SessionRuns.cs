using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Application.Calls;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Runs;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Payments;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Api.Runs;

/// <summary>A session's runs: those under way as its stream tells them, concluded ones by their rows.</summary>
internal sealed class SessionRuns(Guide guide, TableReader tables, RecordedRuns recorded)
{
    public static readonly Rejection NotFound = new(Codes.NotFound, "This session has no such run.");
    public static readonly IReadOnlyList<string> Untrusted = ["data.output", "data.payment.payer", "data.failure.said"];

    /// <summary>Payments to other wallets are in the same table.</summary>
    private static readonly Condition OfServices = new("service_id", Comparison.NotEqual, "");

    /// <param name="answer">To the question about this run.</param>
    public async Task<Reply> Shown(AgentCall call, Answer answer, Guid runId) => answer switch
    {
        { Rejection: { } rejection } => await guide.Refuse(call, rejection),
        { Reply: RunView { AboveMicros: null } pending } when SessionIds.RootOf(call.SessionId) is null => InProgress(pending, Allowance.Of(pending) ?? await guide.Allowance(call)),
        { Reply: RunView pending } => InProgress(pending, await guide.Allowance(call)),
        { Reply: SessionView session } => await Concluded(call, session, runId),
        _ => throw new InvalidOperationException("GetRun was answered by something else."),
    };

    /// <param name="answer">To the cancellation of this run. One that was cancelled before is shown as it is; any other is not to be taken back.</param>
    public async Task<Reply> Cancelled(AgentCall call, Answer answer, Guid runId)
    {
        if (answer.Rejection is { } rejection) return await guide.Refuse(call, rejection);
        if (answer.Reply is RunView cancelled)
        {
            return Reply.Ok(RunData.Of(cancelled)) with
            {
                Allowance = Allowance.Of(cancelled) ?? await guide.Allowance(call), NextActions = [Actions.FlowStatus, Actions.FindServices], Replayed = answer.Replayed,
            };
        }

        var reply = await Concluded(call, answer.As<SessionView>(), runId);
        return reply.Data is RunData run && run.State != RunStates.Name(RunState.Cancelled) ? await guide.Refuse(call, RunRejection.Decided(runId, run.State)) : reply;
    }

    /// <summary>A concluded run is a row, written with its conclusion; its output stands in the journal only.</summary>
    public async Task<Reply> Concluded(AgentCall call, SessionView session, Guid runId) =>
        await Found(call, session, runId) is { } found ? await Shown(call, session, found) : await guide.Refuse(call, NotFound);

    /// <summary>The same to whoever asks for the run again, by its key or its payment: one that came to nothing, however that was, is refused as it was, for 200 says that it was done.</summary>
    /// <param name="isHeld">The payment that it brought is held for it still, and is let go when it has come to nothing: until then another run cannot be begun with it.</param>
    public async Task<Reply> Repeated(AgentCall call, SessionView session, Guid runId, bool isHeld = false)
    {
        if (await Found(call, session, runId) is not { } found) return await guide.Refuse(call, NotFound);
        if (RecordedRuns.Refusal(found, runId) is not { } nothing) return await Shown(call, session, found) with { Replayed = true };

        return isHeld ? await guide.Refuse(call, PaymentRejection.InFlight) : await guide.Refuse(call, nothing) with { Replayed = true };
    }

    /// <returns>Null: it is no run of this session.</returns>
    private Task<RecordedRun?> Found(AgentCall call, SessionView session, Guid runId) => recorded.Find(call.Tenant, session.SessionId, runId, call.Cancel);

    private async Task<Reply> Shown(AgentCall call, SessionView session, RecordedRun found)
    {
        var row = RecordedRuns.RowOf(found);
        var reply = Reply.Ok(RunData.Of(row, found.End, session.Budget, found.RefundedMicros)) with { UntrustedFields = Untrusted };
        return await guide.Continued(call, reply, session);
    }

    /// <summary>Runs under way come first; one that was concluded between the two looks is shown once.</summary>
    public async Task<RunsData> Listed(AgentCall call, SessionView session, IReadOnlyList<RunSummary> pending, Page page)
    {
        IReadOnlyList<Order> order = [new("requested_at", Descending: true), new("run_id", Descending: true)];
        var open = pending.OrderByDescending(r => r.RequestedAt).Skip(page.Offset).Take(page.Limit).Select(RunSummaryData.Of).ToList();
        var rest = new Page(Math.Max(0, page.Offset - pending.Count), page.Limit);
        var (rows, total) = await tables.In(call.Tenant).Page(RunTables.Runs, rest, order, call.Cancel, TableReader.Is("session_id", session.SessionId), OfServices);
        var concluded = rows.Select(RunSummaryData.Of).Where(run => open.All(o => o.RunId != run.RunId)).Take(page.Limit - open.Count);
        return new([.. open, .. concluded], pending.Count + total.Number, total.Unknown(call.Words), page.Offset, page.Limit);
    }

    private static Reply InProgress(RunView run, Allowance? allowance) =>
        Reply.Ok(RunData.Of(run)) with { Allowance = allowance, NextActions = [Actions.GetRun(run.RunId)], RetryAfterSeconds = RunEndpoints.LookAgainAfter(run.State) };
}
