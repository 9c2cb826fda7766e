using System.Globalization;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Replay.Checking.Books;

namespace Agora.Replay.Tests.Checking;

/// <summary>
/// Each rule of the books has a case here that breaks it, with the exact sentences, so that a rule that is deleted leaves one of these red. The cases are events of one stream, at noon unless a case says otherwise.
/// </summary>
public sealed class BookTests
{
    private const string First = "00000000-0000-7000-8000-000000000001";
    private const string Day = "day:2030-01-01", Month = "month:2030-01";
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Id = Guid.Parse(First);
    private static readonly AuditLine Line = new(Guid.Empty, "run_service", "POST /x", "run", 200);

    public static TheoryData<string, string[], object[]> Wallets => new()
    {
        { "deposits, holds and pays", [], [Deposited(10), Held(5), new WalletEvent.HoldPosted(Id, 5, Id, "p"), Sent(5)] },
        { "holds more than it has", ["Wallet w1 has 5 and holds 6."], [Deposited(5), Held(6)] },
        { "pays more than the hold", ["Wallet w1 paid 6 of a hold of 5."], [Deposited(10), Held(5), new WalletEvent.HoldPosted(Id, 6, Id, "p")] },
        { "sends more than it paid", ["Wallet w1 sent 6 and paid 5."], [Deposited(10), new WalletEvent.Transferred(Id, "w2", 5, ""), Sent(6)] },
        { "tells another balance after a deposit", ["Wallet w1 tells a balance of 4; it is 5."], [new WalletEvent.Deposited(5, null, new("w1", 4, 0))] },
        { "tells another balance after a withdrawal", ["Wallet w1 tells a balance of 3; it is 4."], [Deposited(5), new WalletEvent.Withdrawn(1, null, new("w1", 3, 0))] },
    };

    public static TheoryData<string, string[], object[]> Campaigns => new()
    {
        { "holds, posts and sends", [], [Put(), Funded(100), Covered(5), new CampaignEvent.HoldPosted(Id, 5), Paid(1, 5)] },
        { "holds more than the escrow", ["Campaign c1 has overspent its escrow by 1 (#3)."], [Put(), Funded(10), Covered(11)] },
        { "tells another escrow", ["Campaign c1 tells 99 remaining; it is 100."], [Put(), new CampaignEvent.Funded(100, View(99))] },
        { "counts too many completions", ["Campaign c1 counts 2 completions of 1."], [Put(completions: 1), new CampaignEvent.CompletionCounted(Id), new CampaignEvent.CompletionCounted(Number(2))] },
        { "pays when closed", ["Campaign c1 pays though it is closed or inactive."], [Put(), Funded(100), new CampaignEvent.Closed(View(100)), Covered(0)] },
        { "pays when inactive", ["Campaign c1 pays though it is closed or inactive."], [Put(active: false), Funded(100), Covered(5)] },
        { "pays above its highest price", ["Campaign c1 pays 51 for summary."], [Put(), Funded(100), Covered(51)] },
        { "pays for another service", ["Campaign c1 pays 5 for other."], [Put(), Funded(100), Covered(5, service: "other")] },
        { "counts against another day", ["Campaign c1 counts a hold of 2030-01-01 against 2029-12-31."], [Put(), Funded(100), Covered(5, day: "2029-12-31")] },
        { "holds twice", [$"Hold {First} is reserved at campaign c1 twice."], [Put(), Funded(100), Covered(5), Covered(5)] },
        { "spends more than its daily cap", ["Campaign c1 spends 6 on 2030-01-01; its cap is 5."], [Put(cap: 5), Funded(100), Covered(6)] },
        { "posts more than it holds", [$"Hold {First} is posted at campaign c1 for 6 with 5 held."], [Put(), Funded(100), Covered(5), new CampaignEvent.HoldPosted(Id, 6)] },
        { "skips a number", ["Campaign c1 sends transfer 2 to p after 0."], [Put(), Funded(100), Covered(5), new CampaignEvent.HoldPosted(Id, 5), Paid(2, 5)] },
        { "sends more than was earned", ["Campaign c1 sends 6 to p, which earned 5."], [Put(), Funded(100), Covered(5), new CampaignEvent.HoldPosted(Id, 5), Paid(1, 6)] },
    };

    public static TheoryData<string, string[], object[]> Sessions => new()
    {
        { "runs, and holds for a run below", [], [Begun(), Run(5), Ended(5, 5), Below(5), new SessionEvent.HoldPosted(Id, 5)] },
        { "begins twice", ["Session s1 begins twice."], [Begun(), Begun()] },
        { "holds twice for a run below", [$"Hold {First} is reserved at session s1 twice."], [Begun(), Below(5), Below(5)] },
        { "posts more than it holds below", [$"Hold {First} is posted at session s1 for 6 with 5 held."], [Begun(), Below(5), new SessionEvent.HoldPosted(Id, 6)] },
        { "a run that is requested twice", [$"Run {First} is requested again though it was not refused."], [Begun(), Run(5), Run(5)] },
        { "a run that is concluded twice", [$"Run {First} is concluded twice.", $"Run {First} is concluded for 0 with -1 held."], [Begun(), Run(5), Ended(5, 5), Ended(0, 5)] },
        { "a run that costs more than it holds", [$"Run {First} is concluded for 6 with 5 held."], [Begun(), Run(5), Ended(6, 6)] },
        { "a run that fails and costs something", [$"Run {First} failed and costs 5."], [Begun(), Run(5), Ended(5, 5, posted: false)] },
        { "tells another sum spent", [$"Run {First} tells a budget of 4 spent and 0 reserved; it is 5 and 0."], [Begun(), Run(5), Ended(5, 4)] },
        { "tells another limit", [$"Run {First} tells a budget of 99; it is 100."], [Begun(), Run(5), Ended(5, 5, limit: 99)] },
        { "waits without having begun", [$"Run {First} waits for approval though it was not under way."], [Begun(), Waits()] },
        { "waits beyond the budget while it is held", [$"Run {First} waits for approval though it was not under way."], [Begun(), Run(5), Waits(beyond: true)] },
        { "waits after the end", ["Session s1 takes on something new after its end."], [Begun(), Run(5), new SessionEvent.EndedAbove("s0", Noon), Waits()] },
        { "is approved while it is under way", [$"Run {First} is approved though it was under way."], [Begun(), Run(5), Approved()] },
        { "stops waiting while it is under way", [$"Run {First} stops waiting though it was under way."], [Begun(), Run(5), WaitOver()] },
        { "is refused without having begun", [$"Run {First} is refused though it was not under way."], [Begun(), new RunEvent.Refused(Id, Facts, new("budget_exceeded", ""))] },
        { "is raised though nobody asked for that", [$"Run {First} raises the budget of session s1 by 5, which its user did not say."], [Begun(), Run(5), Waits(), Approved(raised: 5)] },
        { "is raised by more than was asked for", [$"Run {First} raises the budget of session s1 by 6, which its user did not say."], [Begun(), Waits(beyond: true), Approved(raised: 6, beyond: true)] },
        { "is raised though the user said no", [$"Run {First} raises the budget of session s1 by 5, which its user did not say."], [Begun(), Waits(beyond: true), WaitOver(raised: 5)] },
        { "spends more than its budget", ["Session s1 overspends: 0 spent + 101 held of 100."], [Begun(), Below(101)] },
        { "has more tokens than it may", ["Session s1 has 101 tokens of 100 and 1 calls of ."], [Begun(new(Tokens: 100)), Below(0, tokens: 101)] },
        { "has more calls than it may", ["Session s1 has 0 tokens of  and 1 calls of 0."], [Begun(new(Calls: 0)), Below(0, tokens: 0)] },
        { "uses more tokens than it holds", ["Of 10 tokens at session s1 11 were used."], [Begun(), Below(0, tokens: 10), new SessionEvent.HoldPosted(Id, 0, 11)] },
        { "takes something on while it is suspended", ["Session s1 takes on something new while it is suspended."], [Begun(), new SessionEvent.StandingChanged(true, null, 1), Below(5)] },
        { "takes something on after it was ended", ["Session s1 takes on something new after its end."], [Begun(), new SessionEvent.EndedAbove("s0", Noon), Below(5)] },
        { "takes something on after its time", ["Session s1 takes on something new after its end."], [Begun(until: Noon), Below(5)] },
    };

    public static TheoryData<string, string[], object[]> Users => new()
    {
        { "opens a session and spends within its caps", [], [Capped(10), Opened(), Spends(5, Day, Month), new UserEvent.HoldPosted(Id, 5)] },
        { "does a task twice", ["User u1 completes the task of c1 twice."], [Done(), Done()] },
        { "has a cap put and raised in one", ["The cap of user u1 is put and raised in one (#1)."], [new UserEvent.UserPut("u1", 20, null, [], Own: new(Noon.AddHours(1), 10, null))] },
        { "opens a session under a grant that is over", ["User u1 opens session s1 under a grant that is over."], [Granted(Noon), Opened(until: Noon)] },
        { "opens a session beyond its grant", ["Session s1 of user u1 goes on after its grant."], [Granted(Noon.AddHours(1)), Opened(until: Noon.AddHours(2))] },
        { "opens a session that may spend more than the grant", ["Session s1 of user u1 may spend 101, under a grant of 100."], [Granted(null), Opened(budget: 101)] },
        { "holds for a session that it never opened", [$"Hold {First} of user u1 is reserved for default/session/s1, which the user never opened."], [Spends(5)] },
        { "holds for an agent that is suspended", [$"Hold {First} of user u1 is reserved though an agent of a1 is suspended."], [Opened(), new UserEvent.PairSuspended(Id, "a1", null, "", null, 0, 1, []), Spends(5)] },
        { "does not count in the day", [$"Hold {First} of user u1 is not counted against {Day}."], [Capped(10), Opened(), Spends(5, Month)] },
        { "does not count in the month", [$"Hold {First} of user u1 is not counted against {Month}."], [Capped(10), Opened(), Spends(5, Day)] },
        { "spends more than its day", [$"User u1 overspends: {Day} stands at 5 of 4 (#3)."], [Capped(4), Opened(), Spends(5, Day, Month)] },
        { "is sponsored without having done the task", ["User u1 is sponsored by c1 without having done its task."], [Opened(), Sponsored(5, "c1")] },
        { "gets back more than was spent", [$"User u1 gets 6 back on {Day}, where less was spent (#5)."], [Capped(10), Opened(), Spends(5, Day, Month), new UserEvent.HoldPosted(Id, 5), new UserEvent.RefundTaken(Id, Id, Day, 6)] },
    };

    private static RunFacts Facts => new("echo", "p", Noon, Line);

    [Theory]
    [MemberData(nameof(Wallets), DisableDiscoveryEnumeration = true)]
    public void What_a_wallet_says_breaks_just_this(string what, string[] broken, object[] happened) => Breaks(what, broken, StreamId.Wallet("w1"), happened);

    [Theory]
    [MemberData(nameof(Campaigns), DisableDiscoveryEnumeration = true)]
    public void What_a_campaign_says_breaks_just_this(string what, string[] broken, object[] happened) => Breaks(what, broken, StreamId.Campaign("c1"), happened);

    [Theory]
    [MemberData(nameof(Sessions), DisableDiscoveryEnumeration = true)]
    public void What_a_session_says_breaks_just_this(string what, string[] broken, object[] happened) => Breaks(what, broken, new("default", Kinds.Session, "s1"), happened);

    [Theory]
    [MemberData(nameof(Users), DisableDiscoveryEnumeration = true)]
    public void What_a_user_says_breaks_just_this(string what, string[] broken, object[] happened) => Breaks(what, broken, new("default", Kinds.User, "u1"), happened);

    private static void Breaks(string what, string[] broken, StreamId stream, object[] happened)
    {
        var found = new List<string>();
        var book = Book.Of(stream, found.Add)!;
        for (var i = 0; i < happened.Length; i++) book.Happened(new(stream, i + 1, Number(100 + i), Noon, happened[i]));

        Assert.True(broken.SequenceEqual(found), $"{what}: {string.Join("; ", found)}");
    }

    private static WalletEvent Deposited(long amount) => new WalletEvent.Deposited(amount, null, new("w1", amount, 0));

    private static WalletEvent Held(long amount) => new WalletEvent.HoldReserved(Id, "default/session/s1", Id, amount, "p", 0);

    private static WalletEvent Sent(long amount) => new WalletEvent.CreditSent("p", 1, amount, "", 0);

    private static CampaignEvent Put(long? completions = null, long? cap = null, bool active = true) => new CampaignEvent.DefinitionPut(View(0, completions, cap, active));

    private static CampaignEvent Funded(long amount) => new CampaignEvent.Funded(amount, View(amount));

    private static CampaignView View(long remaining, long? completions = null, long? cap = null, bool active = true) => new(
        "c1", new("Acme", null, new("Survey", "survey", "", "{}", [], []), [new("summary", 50), new("any", null)], [], 1, null, cap, completions, null, null, active), new(remaining, 0, 0, remaining), 0, false, Noon);

    private static CampaignEvent Covered(long amount, string? service = null, string day = "2030-01-01") =>
        new CampaignEvent.HoldReserved(Id, "default/session/s1", Id, service ?? "summary", amount, "p", day);

    private static CampaignEvent Paid(long number, long amount) => new CampaignEvent.TransferSent("p", number, amount, "");

    private static SessionEvent Begun(ModelAllowance? models = null, DateTimeOffset? until = null) => new SessionEvent.Begun("a1", "u1", new([], [], [], [], Models: models), 100, until ?? Noon.AddDays(1));

    private static SessionEvent Below(long amount, long? tokens = null) => new SessionEvent.HoldReserved(Id, "default/session/s2", Number(2), amount, 0, Tokens: tokens);

    private static RunEvent.Requested Run(long price) => new(Id, Number(3), "echo", price, "p", null, "", Noon, Line);

    private static RunEvent Ended(long amount, long spent, bool posted = true, long limit = 100) =>
        new RunEvent.Concluded(Id, Facts, posted, amount, null, posted ? null : "upstream_failed", null, new(limit, spent, 0, limit - spent), 1);

    private static RunEvent Waits(bool beyond = false) => new RunEvent.AwaitsApproval(new(Id, "echo", "p", null, Waiting(beyond), Line, [], false, false, false, 0));

    private static WaitingFacts Waiting(bool beyond) => new(5, Noon, Noon.AddHours(1), beyond);

    private static RunEvent Approved(long raised = 0, bool beyond = false) => new RunEvent.Approved(Run(5), Waiting(beyond), "u1", null, raised);

    private static RunEvent WaitOver(long raised = 0) => new RunEvent.WaitEnded(Id, Facts, Waiting(raised > 0), ApprovalState.Denied, new("approval_denied", ""), null, null, raised);

    private static UserEvent Done() => new UserEvent.TaskCompleted(Id, new(Id, "c1", [], Noon));

    private static UserEvent Capped(long cap) => new UserEvent.UserPut("u1", cap, null, []);

    private static UserEvent Granted(DateTimeOffset? until) => new UserEvent.GrantPut("a1", new(new([], [], [], []), 100, null, 5, until));

    private static UserEvent Opened(long budget = 100, DateTimeOffset? until = null) => new UserEvent.SessionOpened(Id, new("s1", "a1", "u1", new([], [], [], []), budget, Noon, until ?? Noon.AddDays(1)));

    private static UserEvent Spends(long amount, params string[] accounts) => new UserEvent.HoldReserved(Id, "default/session/s1", Id, "a1", amount, [.. accounts.Select(account => new HoldLine(account, amount))], [], "");

    private static UserEvent Sponsored(long amount, string campaign) => new UserEvent.HoldReserved(Id, "default/session/s1", Id, "a1", amount, [], [new(campaign, "Acme", 1, null, null)], "");

    private static Guid Number(int number) => Guid.Parse(string.Create(CultureInfo.InvariantCulture, $"00000000-0000-7000-8000-{number:d12}"));
}
