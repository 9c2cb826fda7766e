using System.Text;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Agents;
using Agora.Core.Cached;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Simulation.Checks;
using Agora.Simulation.Cluster;
using Agora.X402;

namespace Agora.Simulation.Clients;

/// <summary>
/// An agent at one user: logs in, does tasks, runs services, delegates, looks around, sometimes goes, and logs in again. It acts in its
/// own session and in those below it alike, as their agents would.
/// </summary>
/// <param name="buys">Of agents, above all: what they draw is theirs alone; null: it runs whatever there is.</param>
public sealed class AgentClient(Tenant tenant, string agentId, string userId, Random? buys = null) : Caller(tenant, buys)
{
    /// <summary>So few, that equal runs are many.</summary>
    private const int Questions = 2;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);
    private readonly bool _buys = buys is not null;
    private static readonly string[] Helpers = ["helper-1", "helper-2", "helper-3"];
    private readonly SessionPolicy _policy = new(RateLimitPerMinute: 60, DuplicateWindowSeconds: 2, FeeBasisPoints: tenant.Cluster.Options.FeeBasisPoints);
    private readonly List<string> _consents = [];
    private readonly List<string> _below = [];
    private string? _session;

    public async Task Live()
    {
        while (await GoesOn(_buys ? Soon : Cluster.Options.Think))
        {
            await (_session is { } session ? Act(_below.Count > 0 && Random.Next(2) == 0 ? _below[Random.Next(_below.Count)] : session) : LogIn());
        }
    }

    private Task Act(string session) => Random.Next(_buys ? 80 : 100) switch
    {
        < 60 => Run(session),
        < 66 => Transfer(session),
        < 70 => DoTask(session),
        < 73 => ClaimTask(session, Tenant.Catalogue.Campaigns.ElementAt(Random.Next(Tenant.Catalogue.Campaigns.Count))),
        < 80 => Delegate(session),
        < 86 => Look(session),
        < 90 => Withdraw(session),
        < 93 => LogOut(session),
        < 97 => LogIn(),
        _ => Inquire(session),
    };

    private async Task LogIn()
    {
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed(agentId);
        var key = Tenant.AgentKeys.Of(agentId) is { Count: > 0 } keys && Random.Next(5) > 0 ? Any(keys) : null;
        var signs = _buys && key is null && Random.Next(2) == 0;
        var accepted = signs ? await VerifyCard() : key is null ? null : await Verify(key);
        if ((key is not null || signs) && accepted is null) return;

        var command = new UserCommand.OpenSession(
            agentId, new(null, null, null, null), null, Random.Next(2) == 0 ? Random.Next(15, 60) : Random.Next(60, 3_600), Vouched: false, accepted?.KeyId, accepted?.Revision, EndOldest: Random.Next(3) == 0);
        var answer = await Ask(Entities.User(userId), command, sending, $"Opening a session of {userId}", given => IsReply<SessionOpened>(given)
            ? history => history.Count<UserEvent.SessionBegun>(Stream(Kinds.User, userId), (e, _) => e.CommandId == sending.CommandId && e.Session.SessionId == ((SessionOpened)given.Reply!).SessionId)
            : null);
        if (answer?.Reply is SessionOpened opened && (signs ? await VerifyCard() is not null : key is null || await Verify(key) is not null))
        {
            _session = opened.SessionId;
        }
    }

    /// <summary>As the edge does, before a session is opened and once more after it: nobody gets one whose key was revoked meanwhile.</summary>
    private async Task<KeyAccepted?> Verify(HandedOut key) =>
        (await Ask(Entities.Agent(agentId), new AgentCommand.VerifyKey(key.Hash), NewSending(), "A look at a key", static _ => null))?.Reply as KeyAccepted;

    /// <summary>The same of a request that is signed.</summary>
    private async Task<KeyAccepted?> VerifyCard() =>
        (await Ask(Entities.Agent(agentId), new AgentCommand.VerifyCard(SellerClient.Key), NewSending(), "A look at a card", static _ => null))?.Reply as KeyAccepted;

    /// <summary>Some ask for too much, or for an agent that stands above: the answer says so, or a checker does.</summary>
    private async Task Delegate(string session)
    {
        var agents = Tenant.Catalogue.Agents.Concat(Helpers).ToList();
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed(session);
        var command = new SessionCommand.Delegate(
            await Request("delegate_session", "POST /agent/session/delegate", session),
            agents[Random.Next(agents.Count)],
            new(null, null, Random.Next(6) == 0 ? ["other"] : null, null),
            Random.Next(3) == 0 ? null : Random.Next(1, 100) * 10_000,
            Random.Next(3) == 0 ? null : Random.Next(2, 40));
        var answer = await Ask(Entities.Session(session), command, sending, "A delegation", given => IsReply<SessionOpened>(given)
            ? history => history.Count<SessionEvent.DelegationBegun>(Stream(Kinds.Session, session), (e, _) => e.CommandId == sending.CommandId && e.Session.SessionId == ((SessionOpened)given.Reply!).SessionId)
            : null);
        if (answer?.Reply is SessionOpened opened)
        {
            _below.Add(opened.SessionId);
            if (Random.Next(4) == 0)
            {
                await SuspendAbove(opened.SessionId);
            }
        }

        Forget(session, answer);
    }

    /// <summary>Its agent, at the root, is suspended: what was delegated to others does nothing then either.</summary>
    private async Task SuspendAbove(string below)
    {
        await Change<UserEvent.PairSuspended, UserCommand>(Entities.User(userId), new UserCommand.Suspend(agentId, "Looks odd."), agentId, $"Suspending {agentId}, above others, at {userId}");
        for (var runs = 0; runs < 3; runs++)
        {
            await Run(below);
        }

        await Until(() => Change<UserEvent.PairResumed, UserCommand>(Entities.User(userId), new UserCommand.Resume(agentId, "Is fine."), agentId, $"Resuming {agentId}, above others, at {userId}"));
    }

    private async Task Run(string session)
    {
        var service = _buys ? Random.Next(2) == 0 ? AskedServices.OfAgent : AskedServices.OfSkill
            : Cluster.Options.Hub && Random.Next(2) == 0 && Tool() is { } tool ? tool : Tenant.Catalogue.Services[Random.Next(Tenant.Catalogue.Services.Count)];
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed(session);
        var candidates = Tenant.Catalogue.CandidatesFor(service.ServiceId);
        var input = Random.Next(1_000);
        var takes = Cluster.Options.Models && !service.Asked && !service.Once && input < 400;
        input = takes ? input % Questions : input;
        long? most = service.Metered && Random.Next(2) == 0 ? Random.Next(1, (int)service.PriceMicros) : null;
        var paid = service.PriceMicros > 0 && !Tenant.IsTest && Random.Next(4) == 0 ? Tenant.Payers.Pay(service.HeldFor(most), Random) : null;
        if (paid is not null && Random.Next(3) > 0 && !await IsNew(paid)) return;

        string? named = null;
        PayWith? with = paid is not null ? PayWith.X402 : Random.Next(5) == 0 ? PayWith.Wallet : null;
        if (with is null && candidates.Count > 0 && Random.Next(6) == 0)
        {
            candidates = [candidates[Random.Next(candidates.Count)]];
            named = candidates[0].CampaignId;
        }

        var command = new RunCommand.RunService(
            await Request("run_service", "POST /agent/services/{id}/run", session), service.ServiceId, service, Personal.Of(new { input }), $"{input:x64}",
            named, NamedFound: named is not null, MaxPriceMicros: most ?? (with is not null || Random.Next(3) == 0 ? service.PriceMicros : null),
            with is null ? candidates : [], Keyed: sending.Key is not null || paid is not null, with, Paid: paid, Cache: takes && paid is null ? await Wish(session, service, service.HeldFor(most), input) : null);
        var answer = await Ask(Entities.Session(session), command, sending, $"A run of {service.ServiceId}", given => Outcome(session, sending, given));
        if (answer?.Reply is RunView { State: RunState.AwaitingApproval } waits)
        {
            Waits(session, sending, waits, $"A wait of {service.ServiceId}");
        }

        Forget(session, answer);
        if (answer?.Rejection?.Code == Codes.PaymentRequired && candidates.Count > 0)
        {
            var campaign = candidates[Random.Next(candidates.Count)].CampaignId;
            await (Random.Next(3) == 0 ? ClaimTask(session, campaign) : DoTask(session, campaign));
        }
    }

    /// <summary>As the edge makes it of a session and what is asked.</summary>
    private async Task<CacheWish?> Wish(string session, ServiceTerms service, long held, int input)
    {
        var looked = await Ask(Entities.Session(session), new SessionCommand.Peek(null), NewSending(), "A look at a session", static _ => null);
        if (looked?.Reply is not SessionView me) return null;

        var agents = string.Join('>', [.. me.Path?.Select(node => node.AgentId) ?? [], me.AgentId]);
        return new(CachedIds.Of([2], me.UserId, agents, service.ServiceId, DateTimeOffset.UnixEpoch, Encoding.UTF8.GetBytes($"{held}/{input}")), 40, 2_500, DateTimeOffset.UnixEpoch);
    }

    /// <summary>A tool of an upstream, as a catalogue lists it that may be behind.</summary>
    private ServiceTerms? Tool()
    {
        if (Tenant.Tools.Listed is not { Count: > 0 } listed) return null;

        var tool = Random.Next(2) == 0 ? listed[^1] : Any(listed);
        return Random.Next(4) == 0 ? tool : Tenant.Tools.Terms(tool.ServiceId);
    }

    /// <summary>As the edge asks the payer's wallet first; not always, for two edges may have asked before either of them went on.</summary>
    private async Task<bool> IsNew(PresentedPayment paid)
    {
        var find = new WalletCommand.FindPayment(WalletState.KeyOf(paid.Identity), paid.Fingerprint, paid.RequestHash, paid.Payment.PaymentId);
        return await Ask(Entities.Wallet(paid.Identity.WalletId), find, NewSending(), "A look for a payment", static _ => null) is { Reply: PaymentFound { Owner: null } };
    }

    /// <summary>More than the wallet has as often as not.</summary>
    private async Task Transfer(string session)
    {
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed(session);
        var to = Random.Next(2) == 0 ? "provider-1" : WalletIds.Agent(Tenant.Catalogue.Agents[Random.Next(Tenant.Catalogue.Agents.Count)]);
        var command = new RunCommand.Transfer(await Request("transfer", "POST /agent/wallet/transfers", session), to, Random.Next(1, 12) * 10_000L, "thanks", PayeeKnown: true);
        var answer = await Ask(Entities.Session(session), command, sending, $"A transfer to {to}", given => Outcome(session, sending, given));
        if (answer?.Reply is RunView { State: RunState.AwaitingApproval } waits)
        {
            Waits(session, sending, waits, $"A wait of a transfer to {to}");
        }

        Forget(session, answer);
    }

    private Func<History, int>? Outcome(string session, Sending sending, Answer given) => given switch
    {
        { Reply: RunView { State: RunState.Succeeded } view } => history => history.Count<RunEvent.Concluded>(Stream(Kinds.Session, session), (e, _) =>
            e.RunId == view.RunId && e is { Posted: true, Payment: { } paid } && paid == view.Payment && e.BudgetAfter == view.Budget && (Cluster.Options.Erases || Same(e.Output, view.Output))),
        { Rejection: { Code: Codes.UpstreamFailed or Codes.UpstreamTimeout } failed } => history => history.Count<RunEvent.Concluded>(
            Stream(Kinds.Session, session), (e, _) => e.RunId == sending.CommandId && !e.Posted && e.FailureCode == failed.Code),
        { Rejection.Code: Codes.RunCancelled } => history =>
            history.Count<RunEvent.Concluded>(Stream(Kinds.Session, session), (e, _) => e.RunId == sending.CommandId && e.FailureCode == Codes.RunCancelled)
            + history.Count<RunEvent.WaitEnded>(Stream(Kinds.Session, session), (e, _) => e.RunId == sending.CommandId && e.Outcome.Code == Codes.RunCancelled),
        _ => null, // one that waits is answered otherwise when it has been decided
    };

    private Task DoTask(string session) => DoTask(session, Tenant.Catalogue.Campaigns.ElementAt(Random.Next(Tenant.Catalogue.Campaigns.Count)));

    private async Task DoTask(string session, string campaign)
    {
        var task = Tenant.Catalogue.TaskOf(campaign);
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed(session);
        var command = new SessionCommand.CompleteTask(
            await Request("do_task", "POST /agent/tasks/{id}/complete", session), campaign, task, [.. task.Consents.Select(c => new ConsentGiven(c, true))], Personal.Of(new { answer = "tea" }), OwnerOf(agentId));
        var answer = await Ask(Entities.Session(session), command, sending, $"The task of {campaign}", given => given.Reply is Completed done
            ? history => history.Count<SessionEvent.TaskRecorded>(Stream(Kinds.Session, session), (e, _) => e.CompletionId == done.CompletionId && e.CommandId == sending.CommandId)
                * history.Count<UserEvent.TaskCompleted>(Stream(Kinds.User, userId), (e, _) => e.Done.CompletionId == done.CompletionId && e.Done.CampaignId == campaign)
            : null);
        _consents.AddRange((answer?.Reply as Completed)?.Consents.Select(c => c.ConsentId) ?? []);
        Forget(session, answer);
    }

    /// <summary>Some tasks are done after it, some are not: those claims end by themselves.</summary>
    private async Task ClaimTask(string session, string campaign)
    {
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed(session);
        var command = new SessionCommand.ClaimTask(await Request("claim_task", "POST /agent/tasks/{id}/claim", session), campaign, Tenant.Catalogue.TaskOf(campaign), OwnerOf(agentId));
        var answer = await Ask(Entities.Session(session), command, sending, $"A claim of {campaign}", given => given.Reply is TaskClaim claim
            ? history => history.Count<SessionEvent.ClaimRecorded>(Stream(Kinds.Session, session), (e, c) => e.CommandId == sending.CommandId && e.Claim == claim)
            : null);
        Forget(session, answer);
    }

    /// <summary>Of some agents the sponsor's own; of one in a while nobody has looked.</summary>
    private string? OwnerOf(string agent) => Random.Next(10) == 0 ? null : agent == "agent-1" ? Catalogue.Owner : "";

    private async Task Withdraw(string session)
    {
        if (_consents.Count > 0)
        {
            var consent = _consents[^1];
            var sending = NewSending();
            await Ask(Entities.Session(session), new SessionCommand.WithdrawConsent(await Request("withdraw_consent", "DELETE /agent/consents/{id}", session), consent), sending, "A withdrawal", given =>
                IsReply<ConsentWithdrawn>(given) ? history => history.Count<UserEvent.ConsentWithdrawn>(Stream(Kinds.User, userId), (e, _) => e.ConsentId == consent) : null);
        }
    }

    private async Task Look(string session) =>
        Forget(session, await Ask(Entities.Session(session), new SessionCommand.Visit(await Request("flow_status", "GET /agent/flow/status", session)), NewSending(), "A look", static _ => null));

    private async Task LogOut(string session)
    {
        var sending = NewKeyed(session);
        await Ask(Entities.Session(session), new SessionCommand.Revoke(await Request("end_session", "DELETE /agent/session", session)), sending, "The end of a session", given => IsReply<SessionEnded>(given)
            ? history => history.Count<SessionEvent.Revoked>(Stream(Kinds.Session, session), (_, c) => c.CommandId == sending.CommandId)
            : null);
        Leave(session);
    }

    /// <summary>A node that asks about a hold which nobody has: it must be told void, for ever, and nothing else may come of it.</summary>
    private async Task Inquire(string session)
    {
        var (run, hold) = (Tenant.NewId(), Tenant.NewId());
        var answer = await Ask(Entities.Session(session), (SessionCommand)new NodeCommand.Inquire(run, hold), NewSending(), "An inquiry", static _ => null);
        var isTooLate = Tenant.IsTest && answer?.Rejection?.Code is Codes.Unavailable or Codes.TestReset; // the clock was advanced while it was on its way, or the tenant reset
        Cluster.Findings.Expect(isTooLate || answer is null or { Reply: Inquired { Open: false, Posted: false } }, $"An inquiry about an unknown hold was answered {answer}.");
    }

    private void Forget(string session, Answer? answer)
    {
        if (answer?.Rejection?.Code is Codes.SessionExpired or Codes.SessionRevoked or Codes.Unauthorized)
        {
            Leave(session);
        }
    }

    /// <summary>Those below a session that ended are still tried now and then, each until it says that it has ended too.</summary>
    private void Leave(string session)
    {
        _below.Remove(session);
        _session = _session == session ? null : _session;
    }

    private static bool Same(Personal? stored, Personal? told) => stored is { } s && told is { } t ? s.Utf8.Span.SequenceEqual(t.Utf8.Span) : stored is null && told is null;

    /// <summary>As the API does: a request below is counted at the root first; where that cannot be asked, the session counts.</summary>
    private async Task<RequestInfo> Request(string operation, string endpoint, string session)
    {
        var counted = SessionIds.RootOf(session) is { } root
            ? await Ask(Entities.Session(root), new SessionCommand.TakeRate(), NewSending(), "A request counted at the root", static _ => null)
            : null;
        return new(operation, endpoint, operation, _policy, Taken: (counted?.Reply as RateTaken)?.Window);
    }
}
