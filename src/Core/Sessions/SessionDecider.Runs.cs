using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using SessionDecision = Agora.Core.Kernel.Decision<Agora.Core.Sessions.SessionState, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Sessions;

/// <summary>How a run is admitted, and how runs are read. What becomes of an admitted one is decided in <see cref="RunDecider"/>.</summary>
public sealed partial class SessionDecider
{
    private static SessionDecision RunService(SessionState state, RunCommand.RunService c, Context context) =>
        Requested(state, c, c.Request, admitted => RequestingService.Refusal(admitted, c, context.Now), reason => RefusedRun.Of(c, reason), context);

    private static SessionDecision Transfer(SessionState state, RunCommand.Transfer c, Context context) =>
        Requested(state, c, c.Request, admitted => RequestingTransfer.Refusal(admitted, c), reason => RefusedRun.Of(c, reason), context);

    private static SessionDecision Requested(
        SessionState state, RunCommand c, RequestInfo request, Func<Leaf, Rejection?> refusal, Func<Rejection, RefusedRun?> refusedRun, Context context)
    {
        if (Repeated(state, context) is { } repeat) return repeat;

        var admitted = Admit(state, request, context, out var refused);
        if (refused is not null) return refused;
        if (refusal(admitted) is not { } rejection) return RunDecider.Decide(admitted, c, context).Of<SessionState>();

        return c is RunCommand.RunService { Model: { } model } && model.IsNoRefusal(rejection)
            ? SessionDecision.Reject(rejection) // what is asked for in its place counts as a request
            : RefuseFor(admitted, request, rejection, context, refusedRun(rejection));
    }

    /// <summary>The answer to a request whose run is known by its command's id; null: it is new.</summary>
    private static SessionDecision? Repeated(SessionState state, Context context)
    {
        if (state.Pending.GetValueOrDefault(context.CommandId) is { } pending)
        {
            if (pending.Calling is not null) return SessionDecision.Reject(SessionRejection.CallInFlight);

            return SessionDecision.Later(); // in an activation that took the run over: it shares the run's outcome
        }

        return state.Awaiting.TryGetValue(context.CommandId, out var awaiting) ? SessionDecision.Accept(RunViews.Of(state, awaiting, context.Now))
            : state.Waited.ContainsKey(context.CommandId) ? SessionDecision.Accept(View(state, context.Now))
            : null;
    }

    private static SessionDecision CancelRun(SessionState state, RunCommand.Cancel c, Context context)
    {
        if (c.Request is not { } request) return CancelBy(state, c, context);

        var admitted = Admit(state, request, context, out var refused);
        return refused ?? (Cancelling.Refusal(admitted, c.RunId) is { } settling ? Refuse(admitted, request, settling, context)
            : Cancelling.IsOpen(admitted, c.RunId) ? Cancelled(admitted, c, request.Line(200, context), context)
            : Read(admitted, request, View(admitted, context.Now), context));
    }

    // An operator's is not admitted: it is there for what an agent cannot take back.
    private static SessionDecision CancelBy(SessionState state, RunCommand.Cancel c, Context context) =>
        state.UserId is null ? SessionDecision.Reject(SessionRejection.NotFound)
        : Cancelling.Refusal(state, c.RunId) is { } settling ? SessionDecision.Reject(settling)
        : Cancelling.IsOpen(state, c.RunId) ? Cancelled(state, c, Line(CancelOperation, c.Endpoint!, c.By!, context), context)
        : SessionDecision.Accept(View(state, context.Now));

    private static SessionDecision Cancelled(SessionState state, RunCommand.Cancel c, AuditLine line, Context context)
    {
        var decision = RunDecider.Decide(state, c, context).Of<SessionState>();
        var view = (RunView)decision.Answer!.Reply!;
        return decision.AlsoFirst(new SessionEvent.Audited(line, Cancelled: new(view.RunId, view.ServiceId, view.Budget))).WithSoft(state);
    }

    private const string CancelOperation = "cancel_run";

    private static SessionDecision GetRun(SessionState state, SessionCommand.GetRun c, Context context)
    {
        var admitted = Admit(state, c.Request, context, out var refused);
        return refused ?? Read(admitted, c.Request, RunViews.Of(admitted, c.RunId, context.Now) ?? (object)View(admitted, context.Now), context);
    }

    private static SessionDecision GetRuns(SessionState state, SessionCommand.GetRuns c, Context context)
    {
        var admitted = Admit(state, c.Request, context, out var refused);
        return refused ?? Read(admitted, c.Request, new PendingRuns(View(admitted, context.Now), RunViews.Open(state)), context);
    }
}
