using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Runs;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Web;

namespace Agora.Api.Admin.Sessions;

/// <summary>Runs of any session, as operators take them back.</summary>
internal sealed class CancelRunEndpoints(IEntities entities, TableReader tables, IPersonalTexts texts) : IFeature
{
    public static readonly Operation<RunAct> Cancel = new(
        Audience.Operators, "cancel_any_run", "POST /admin/sessions/{session_id}/runs/{run_id}/cancel", "Take a run back before it has its output, also of a session that is suspended: it costs nothing")
    {
        Read = RunAct.Read,
        Data = typeof(CancelledRunData),
        Codes = [.. AdminFlow.Mutation, Codes.RunDecided],
        BodyExample = """{"reason":"The user called"}""",
        DataExample = """{"session_id":"0198c0de","run_id":"0198c0de-0000-7000-8000-000000000000","state":"cancelled"}""",
    };

    private static readonly Rejection NotFound = new(Codes.NotFound, "There is no such run in this session.");

    public void Map(Routes routes) => routes.Map(Cancel, CancelRun);

    private async Task<Reply> CancelRun(OperatorCall call, RunAct act)
    {
        var session = entities.In(call.Tenant).Session(act.SessionId);
        if (!PathIds.IsGuid(act.RunId, out var runId)) return Reply.Refused(NotFound);
        if (await session.Peek(call.Fresh()) is not { } found) return Reply.Refused(SessionRejection.NotFound);

        var reason = await call.Because(found.UserId, act.Reason, texts);
        return await call.Send<LeafCommand, object>(
            session,
            new RunCommand.Cancel(runId, Request: null, call.Context.Actor!, Cancel.Endpoint, reason),
            async (reply, _) => reply is RunView ? Done(act) : Shown(act, runId, await State(call, act.SessionId, runId)));
    }

    /// <param name="state">Of a run that is not under way; null: there is none.</param>
    private static Reply Shown(RunAct act, Guid runId, string? state) =>
        state is null ? Reply.Refused(NotFound)
        : state == RunStates.Name(RunState.Cancelled) ? Done(act)
        : Reply.Refused(RunRejection.Decided(runId, state));

    private static Reply Done(RunAct act) => Reply.Ok(new CancelledRunData(act.SessionId, act.RunId, RunStates.Name(RunState.Cancelled)));

    private async Task<string?> State(OperatorCall call, string sessionId, Guid runId) => (await tables.In(call.Tenant).One(
        RunTables.Runs, call.Cancel, TableReader.Is("run_id", runId.ToString("D")), TableReader.Is("session_id", sessionId)))?.Text("state");
}

/// <summary>What an operator does to a run, and why.</summary>
internal sealed record RunAct(string SessionId, string RunId, string Reason)
{
    public static RunAct Read(Call call) => new(call.Id("session_id"), call.Id("run_id"), AdminFlow.Reason(call));
}

internal sealed record CancelledRunData(string SessionId, string RunId, string State);
