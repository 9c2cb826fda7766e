using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Payments;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Wallets;
using Agora.Journal;

namespace Agora.Application.Runs;

/// <summary>
/// Runs of services, as an agent asks for them, waits for them, looks them up and takes them back. Its session decides each run, which is the one durable change of the call. Those under way the session knows, and those that are over have rows.
/// </summary>
internal sealed class AgentRuns(SessionCalls sessions, Guide guide, Catalogues catalogues, SchemaCache schemas, RunWaiter waiter, RunPayments payments, ServiceCache cache, RecordedRuns recorded, TableReader tables)
{
    private static readonly Rejection NotFound = new(Codes.NotFound, "This session has no such run.");

    /// <summary>Payments to other wallets are in the same table.</summary>
    private static readonly Condition OfServices = new("service_id", Comparison.NotEqual, "");

    /// <exception cref="OtherCommandException">The idempotency key is that of another command.</exception>
    public async Task<RunStarted> Start(AgentCaller caller, StartRun start, CancellationToken cancel)
    {
        var request = start.Request;
        var service = catalogues.In(caller.Tenant).Active(request.ServiceId);
        if (service?.Definition.InputSchema is { } schema && request.Input is { } input)
        {
            caller = caller.Violating(schemas.Violations(schema, input, "/input"));
        }

        (caller, var payment) = payments.Read(caller, service, start);
        payment = await payments.Coded(caller, payment, cancel);
        if (await payments.Find(caller, payment, start.Payment, cancel) is { } earlier) return await Again(caller, earlier, payment!.Version, cancel);

        var command = await Command(caller, service, request, payment) with { Cache = payment?.Paid is null ? await cache.Wish(caller, service, start) : null };
        var begun = await waiter.Wait(caller, command);
        if (begun.Answer is not { } outcome) return new(await UnderWay(caller, request.ServiceId) with { Continues = begun.UnderWay });
        if (outcome.Rejection is { } rejection)
        {
            return new(await Refused(caller, service, start, rejection) with { Replayed = outcome.Replayed }, payment?.Of(rejection));
        }

        if (outcome.Reply is SessionView session) return new(await Repeated(caller, session, caller.Context.CommandId, isHeld: false, cancel));

        var run = outcome.As<RunView>();
        var allowance = Allowance.Of(run) ?? await guide.Allowance(caller);
        return run.State == RunState.AwaitingApproval
            ? new(Result.Of<RunTaken>(new RunTaken.Known(run), new(allowance, [Actions.GetRun(run.RunId)])))
            : new(Result.Of<RunTaken>(new RunTaken.Known(run), new(allowance, [Actions.FlowStatus])) with { Replayed = outcome.Replayed }, RunPayment.Of(run.Payment?.Settlement, payment?.Version ?? 2));
    }

    /// <param name="runId">Null if the caller's id is none of a run.</param>
    /// <param name="waits">The caller waits for the outcome, as long as it has patience.</param>
    public async Task<Result<RunTaken>> Get(AgentCaller caller, Guid? runId, bool waits, CancellationToken cancel)
    {
        if (runId is not { } id) return await NoRun(caller);

        var answer = await sessions.Send(caller, new SessionCommand.GetRun(caller.Request, id));
        if (waits && answer.Reply is RunView seen)
        {
            // The request has been counted before it waits: who is over the rate holds nothing open.
            answer = await waiter.Wait(caller, id, cancel) is { } state
                ? answer with { Reply = seen with { State = state, ApprovalUntil = state == seen.State ? seen.ApprovalUntil : null } }
                : await sessions.Ask(caller, new SessionCommand.Peek());
        }

        return await Shown(caller, answer, id, cancel);
    }

    /// <summary>Takes a run back before it has its output. A run that was cancelled before is shown as it is, and no other can be taken back.</summary>
    /// <param name="runId">Null if the caller's id is none of a run.</param>
    public async Task<Result<RunTaken>> Cancel(AgentCaller caller, Guid? runId, CancellationToken cancel)
    {
        if (runId is not { } id) return await NoRun(caller);

        var answer = await sessions.Send(caller, new RunCommand.Cancel(id, caller.Request));
        if (answer.Rejection is { } rejection) return await Refused(caller, rejection);
        if (answer.Reply is RunView cancelled)
        {
            var advice = new Advice(Allowance.Of(cancelled) ?? await guide.Allowance(caller), [Actions.FlowStatus, Actions.FindServices]);
            return Result.Of<RunTaken>(new RunTaken.Known(cancelled), advice) with { Replayed = answer.Replayed };
        }

        var result = await Concluded(caller, answer.As<SessionView>(), id, cancel);
        return result.Value is RunTaken.Over { State: var state } && state != RunStates.Name(RunState.Cancelled) ? await Refused(caller, RunRejection.Decided(id, state)) : result;
    }

    /// <summary>Runs under way come first. A run that was concluded between the two looks is shown once.</summary>
    public async Task<Result<RunPage>> List(AgentCaller caller, Page page, CancellationToken cancel)
    {
        var answer = await sessions.Send(caller, new SessionCommand.GetRuns(caller.Request));
        if (answer.Rejection is { } rejection) return Result.Refused<RunPage>(rejection, await guide.AfterRefused(caller, rejection));

        var (session, pending) = answer.As<PendingRuns>();
        IReadOnlyList<Order> order = [new("requested_at", Descending: true), new("run_id", Descending: true)];
        var open = pending.OrderByDescending(run => run.RequestedAt).Skip(page.Offset).Take(page.Limit).Select(RunLine.Of).ToList();
        var rest = new Page(Math.Max(0, page.Offset - pending.Count), page.Limit);
        var (rows, total) = await tables.In(caller.Tenant).Page(RunTables.Runs, rest, order, cancel, TableReader.Is("session_id", session.SessionId), OfServices);
        var concluded = rows.Select(RunLine.Of).Where(run => open.All(other => other.RunId != run.RunId)).Take(page.Limit - open.Count);
        return Result.Of(new RunPage([.. open, .. concluded], new(pending.Count + total.Number)), await guide.LeadOn(caller, session));
    }

    /// <summary>The command of a run. It names the campaigns that could pay, in the order in which the user's stream will ask them; that knows best, and decides.</summary>
    internal async Task<RunCommand.RunService> Command(AgentCaller caller, ServiceEntry? service, RunRequest request, RunPayment? payment)
    {
        var (catalogue, named) = (catalogues.In(caller.Tenant), request.CampaignId);
        return new(
            caller.Request,
            request.ServiceId,
            service?.Terms,
            new Personal(request.Input is { } input ? StrictJson.Raw(input) : "null"u8.ToArray()),
            request.Input is { } hashed && caller.Request.Policy.DuplicateWindowSeconds > 0 ? CanonicalJson.Hash(hashed) : "",
            named,
            named is null || catalogue.Campaign(named) is { Definition.Active: true },
            request.MaxPriceMicros,
            service is null || payment?.Paid is not null || request.PayWith is PayWith.Wallet or PayWith.X402 ? [] : await Candidates(caller, catalogue.PayersOf(service), named),
            caller.IsKeyed || payment?.Paid is not null,
            request.PayWith,
            service is not null && catalogue.Campaign(named) is { } campaign && campaign.IsRelated(service),
            payment?.Paid,
            payment?.Unpaid);
    }

    private async Task<IReadOnlyList<Candidate>> Candidates(AgentCaller caller, Payers payers, string? named)
    {
        var now = sessions.Now(caller.Tenant);
        return named is null && payers.AreMany ? payers.Candidates(now, await guide.Completed(caller)) : payers.Candidates(now, named);
    }

    /// <summary>The payment was presented before: the outcome of the run that it pays, however that was lost. Nothing is run or charged.</summary>
    private async Task<RunStarted> Again(AgentCaller caller, Answer earlier, int version, CancellationToken cancel)
    {
        if (earlier.Rejection is { } taken) return new(await Refused(caller, (await sessions.Visit(caller, taken)).Rejection ?? taken));

        var (_, runId, settlement, standing) = (PaymentFound)earlier.Reply!;
        var answer = await sessions.Ask(caller, new SessionCommand.GetRun(caller.Request, runId));
        var result = answer.Reply is SessionView session ? await Repeated(caller, session, runId, isHeld: standing == IncomingStanding.Presented, cancel) : await Shown(caller, answer, runId, cancel);

        // The wallet holds it for a run of which the session has nothing: not yet, or what it asked for was not written, and the wallet finds that out.
        if (result.Refusal is { } refusal) return new(refusal.Code == Codes.NotFound ? await Refused(caller, PaymentRejection.InFlight) : result);

        return answer.Reply is RunView ? new(result) : new(result with { Replayed = true }, RunPayment.Of(settlement, version));
    }

    private async Task<Result<RunTaken>> UnderWay(AgentCaller caller, string serviceId)
    {
        var runId = caller.Context.CommandId;
        var allowance = await guide.Allowance(caller);
        return Result.Of<RunTaken>(new RunTaken.Begun(runId, serviceId, allowance?.Budget ?? new Budget(0, 0, 0, 0)), new(allowance, [Actions.GetRun(runId)]));
    }

    /// <param name="answer">To the question about this run.</param>
    private async Task<Result<RunTaken>> Shown(AgentCaller caller, Answer answer, Guid runId, CancellationToken cancel)
    {
        switch (answer)
        {
            case { Rejection: { } rejection }:
                return await Refused(caller, rejection);
            case { Reply: RunView pending }:
                // What is left above a sub-session, only the flow tells.
                var standing = pending.AboveMicros is null && SessionIds.RootOf(caller.SessionId) is null ? Allowance.Of(pending) : null;
                return Result.Of<RunTaken>(new RunTaken.Known(pending), new(standing ?? await guide.Allowance(caller), [Actions.GetRun(runId)]));
            default:
                return await Concluded(caller, answer.As<SessionView>(), runId, cancel);
        }
    }

    /// <summary>A concluded run is a row, written with its conclusion.</summary>
    private async Task<Result<RunTaken>> Concluded(AgentCaller caller, SessionView session, Guid runId, CancellationToken cancel) =>
        await recorded.Find(caller.Tenant, session.SessionId, runId, cancel) is { } found ? await Over(caller, session, found, runId) : await Refused(caller, NotFound);

    /// <summary>A run that is asked for again, by its key or its payment. One that came to nothing is refused as it was, for success would say that it was done.</summary>
    /// <param name="isHeld">The payment is still held for the run, and is released when the run has come to nothing: until then it cannot begin another one.</param>
    private async Task<Result<RunTaken>> Repeated(AgentCaller caller, SessionView session, Guid runId, bool isHeld, CancellationToken cancel)
    {
        if (await recorded.Find(caller.Tenant, session.SessionId, runId, cancel) is not { } found) return await Refused(caller, NotFound);
        if (RecordedRuns.Refusal(found, runId) is not { } nothing) return await Over(caller, session, found, runId) with { Replayed = true };

        return isHeld ? await Refused(caller, PaymentRejection.InFlight) : await Refused(caller, nothing) with { Replayed = true };
    }

    private async Task<Result<RunTaken>> Over(AgentCaller caller, SessionView session, RecordedRun found, Guid runId) =>
        Result.Of<RunTaken>(new RunTaken.Over(runId, found, session.Budget), await guide.LeadOn(caller, session));

    private async Task<Result<RunTaken>> NoRun(AgentCaller caller) => await Refused(caller, (await sessions.Visit(caller, NotFound)).Rejection ?? NotFound);

    private async Task<Result<RunTaken>> Refused(AgentCaller caller, Rejection rejection) => Result.Refused<RunTaken>(rejection, await guide.AfterRefused(caller, rejection));

    private async Task<Result<RunTaken>> Refused(AgentCaller caller, ServiceEntry? service, StartRun start, Rejection rejection) => rejection.Code == Codes.PaymentRequired && service is not null
        ? Result.Refused<RunTaken>(rejection, await guide.Advise(caller, flow => Payable(flow, service, start)))
        : await Refused(caller, rejection);

    /// <summary>If the price alone was in the way, the same run at the price that it has.</summary>
    private async Task<IReadOnlyList<NextAction>> Payable(FlowState flow, ServiceEntry service, StartRun start)
    {
        var price = service.Definition.PriceMicros;
        return start.Request.MaxPriceMicros < price && price <= flow.LeftFor(service) && start.AtPrice(price) is { } dearer ? [dearer, Actions.FlowStatus] : await guide.Pay(flow, service);
    }
}
