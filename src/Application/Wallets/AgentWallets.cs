using Agora.Application.Calls;
using Agora.Application.Flow;
using Agora.Application.Reading;
using Agora.Application.Runs;
using Agora.Contracts;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Wallets;
using Agora.Grains.Clocks;

namespace Agora.Application.Wallets;

/// <summary>What an agent sees of its own wallet and pays out of it, whichever user it acts for. In a sub-session that is the wallet of the agent which authenticated.</summary>
internal sealed class AgentWallets(
    IEntities entities, SessionCalls sessions, PayableWallets payable, WalletStatements statements, TableReader tables, IPersonalTexts texts, Guide guide, RunWaiter waiter, RecordedRuns recorded, TenantTimes times)
{
    public Task<Result<WalletView>> Get(AgentCaller caller, CancellationToken cancel) => guide.Visit(caller, async flow =>
    {
        var answer = await entities.In(caller.Tenant).Wallet(WalletIds.Agent(flow.Session.Grantee)).Ask(new WalletCommand.Get(), Commands.Fresh(times.Of(caller.Tenant)), cancel);
        return Result.Of(answer.Reply!, Advice.Of(Actions.FlowStatus));
    });

    public Task<Result<StatementPage>> Statement(AgentCaller caller, StatementFilter filter, CancellationToken cancel) => guide.Visit(caller, async flow =>
        Result.Of(await statements.Read(caller.Tenant, WalletIds.Agent(flow.Session.Grantee), filter, flow.Session.UserId, cancel), Advice.Of(Actions.FlowStatus)));

    /// <summary>Pays another wallet. The session decides, and the run of the transfer is its one durable change.</summary>
    /// <exception cref="OtherCommandException">The idempotency key is that of another command.</exception>
    public async Task<Result<TransferTaken>> Transfer(AgentCaller caller, TransferRequest request, CancellationToken cancel)
    {
        var known = request.To is { } to && caller.Request.Malformed is null && await payable.Has(caller.Tenant, to, cancel);
        var memo = await sessions.User(caller) is { } user ? await texts.Seal(caller.Tenant, user, request.Memo, cancel) : "";
        var outcome = await waiter.Wait(caller, new RunCommand.Transfer(caller.Request, request.To ?? "", request.AmountMicros, memo ?? "", known));
        var runId = caller.Context.CommandId;
        return outcome.Answer switch
        {
            null => Result.Of(Taken(request, runId, RunStates.Name(RunState.Pending), null) with { IsUnderWay = true }, Advice.Of(Actions.GetRun(runId), Actions.GetWallet)) with { Continues = outcome.UnderWay },
            { Rejection: { } rejection } refused => await Refused(caller, rejection) with { Replayed = refused.Replayed },
            { Reply: SessionView session } => await Concluded(caller, request, session, memo, cancel),
            { Replayed: true, Reply: RunView { State: RunState.Succeeded } run } => await Again(caller, request, run.Budget, memo, RunStates.Name(RunState.Succeeded), cancel),
            { Reply: RunView { State: RunState.AwaitingApproval } waits } =>
                Result.Of(Taken(request, waits) with { IsUnderWay = true, ApprovalUntil = waits.ApprovalUntil }, new(await Allowance(caller, waits), [Actions.GetRun(waits.RunId)])),
            { } done => Result.Of(Taken(request, done.As<RunView>()), new(await Allowance(caller, done.As<RunView>()), [Actions.GetWallet, Actions.FlowStatus])),
        };
    }

    /// <summary>A transfer that waited for approval and was decided so long ago that only the table of runs has it.</summary>
    private async Task<Result<TransferTaken>> Concluded(AgentCaller caller, TransferRequest request, SessionView session, string? memo, CancellationToken cancel)
    {
        var runId = caller.Context.CommandId;
        return await recorded.Find(caller.Tenant, session.SessionId, runId, cancel) is { } found && RecordedRuns.Refusal(found, runId) is { } nothing
            ? await Refused(caller, nothing) with { Replayed = true }
            : await Again(caller, request, session.Budget, memo, RunStates.Name(RunState.Pending), cancel);
    }

    /// <summary>What was paid, by its row. After the user's erasure destroyed the hashes of bodies, the request's own words prove nothing: another payee or amount is a conflict, and the memo is gone.</summary>
    /// <param name="memo">The memo of the request, sealed. After the erasure it can no longer be opened.</param>
    /// <param name="state">The state if there is no row yet.</param>
    private async Task<Result<TransferTaken>> Again(AgentCaller caller, TransferRequest request, Budget budget, string? memo, string state, CancellationToken cancel)
    {
        var runId = caller.Context.CommandId;
        var row = await tables.In(caller.Tenant).One(RunTables.Runs, cancel, TableReader.Is("run_id", runId.ToString("D")), TableReader.Is("session_id", caller.SessionId));
        if (row is { } paid && !IsOf(paid, request)) throw new OtherCommandException();

        var said = request with { Memo = await texts.Open(caller.Tenant, memo, cancel) ?? "" };
        return Result.Of(Taken(said, runId, row?.Text("state") ?? state, budget), new(await guide.Allowance(caller), [Actions.GetWallet, Actions.FlowStatus])) with { Replayed = true };
    }

    private async Task<Result<TransferTaken>> Refused(AgentCaller caller, Rejection rejection) => Result.Refused<TransferTaken>(rejection, await guide.AfterRefused(caller, rejection));

    private async Task<Allowance?> Allowance(AgentCaller caller, RunView run) => Calls.Allowance.Of(run) ?? await guide.Allowance(caller);

    private static bool IsOf(NamedRow run, TransferRequest request) =>
        run.Text("service_id").Length == 0 && run.Text("provider") == request.To && run.Number("amount_micros") == request.AmountMicros;

    private static TransferTaken Taken(TransferRequest request, RunView run) => Taken(request, run.RunId, RunStates.Name(run.State), run.Budget);

    private static TransferTaken Taken(TransferRequest request, Guid runId, string state, Budget? budget) => new(runId, state, request.To!, request.AmountMicros, request.Memo, budget);
}
