using System.Security.Cryptography;
using Agora.Contracts;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Journal.Personal;
using Agora.Replay.Checking;
using Agora.Testing;
using Violation = Agora.Replay.Checking.Violation;

namespace Agora.Replay.Tests.Checking;

/// <summary>History as the product writes it keeps every rule; whatever is changed in it is named by the rule that it breaks, and by no other.</summary>
public sealed class JournalCheckTests
{
    private const string Agent = "a1";
    private const string Wallet = "agent:a1";

    [Fact]
    public void History_as_the_product_writes_it_keeps_every_rule_and_the_report_says_what_was_looked_at() => Simulated(async world =>
    {
        var (report, found) = await Check(world.Journal, world.Time);

        Assert.Empty(found);
        Assert.True(report is { Streams: > 5, Runs: 5, OpenHolds: 0, TransfersInTransit: 0, InTransitMicros: 0, Violations: 0 }, report.ToString());
        Assert.True(report.Rows > 20 && report.Entries >= report.Rows && report.Events >= report.Entries && report.Holds > 8 && report.Transfers > 2 && report.TableRows > 20, report.ToString());
    });

    [Fact]
    public void A_run_that_is_under_way_breaks_no_rule_and_its_holds_are_open() => Simulated(async world =>
    {
        world.Service.Answers = async _ =>
        {
            await Task.Delay(TimeSpan.FromSeconds(5), world.Time);
            return new ServiceOutcome.Output("{}"u8.ToArray(), 1);
        };
        var session = await Open(world);
        var run = world.Run(session, "c1", 10, "slow");
        await Task.Delay(TimeSpan.FromSeconds(2), world.Time);

        var (report, found) = await Check(world.Journal, world.Time);

        Assert.Empty(found);
        Assert.Equal(2, report.OpenHolds);
        await run;
    });

    [Fact]
    public void A_row_that_is_not_what_was_hashed_is_named_by_chain() => Damaged(
        static (_, happened) => happened is WalletEvent.Deposited e ? [e with { Memo = "another" }] : [happened], [Rules.Chain], isChained: false);

    [Fact]
    public void An_event_that_no_decider_would_have_written_is_named_by_replays() => Damaged(
        static (_, happened) => happened is CampaignEvent.TransferArrived ? [happened, happened] : [happened], [Rules.Replays], rebuilt: false);

    [Fact]
    public void A_balance_that_was_told_and_is_none_is_named_by_books() => Damaged(
        static (_, happened) => happened is WalletEvent.Withdrawn e ? [e with { View = e.View with { BalanceMicros = e.View.BalanceMicros + 1 } }] : [happened], Rules.Books);

    [Fact]
    public void A_run_after_the_end_of_its_session_is_named_by_books() => Damaged(
        static (_, happened) => happened is SessionEvent.Begun e ? [e with { ExpiresAt = DateTimeOffset.UnixEpoch }] : [happened], Rules.Books);

    [Fact]
    public void A_price_above_what_the_campaign_pays_is_named_by_books() => Damaged(
        static (_, happened) => happened is CampaignEvent.DefinitionPut e ? [e with { View = e.View with { Definition = e.View.Definition with { Services = [new("echo", 1)] } } }] : [happened], Rules.Books);

    [Fact]
    public void A_run_that_the_users_day_does_not_count_is_named_by_books() => Damaged(
        static (_, happened) => happened is UserEvent.HoldReserved e ? [e with { Lines = [.. e.Lines.Where(static line => !AccountKeys.IsDay(line.Account))] }] : [happened], Rules.Books);

    [Fact]
    public void A_users_day_that_goes_above_its_cap_is_named_by_books_and_replays() => Damaged(
        static (_, happened) => happened is UserEvent.UserPut e ? [e with { DailyCapMicros = 79 }] : [happened], [Rules.Books, Rules.Replays], rebuilt: false);

    [Fact]
    public void An_erased_users_days_are_what_its_holds_say_and_break_no_rule() => Simulated(async world =>
    {
        foreach (var (user, zone) in new[] { ("east", "Pacific/Kiritimati"), ("west", "Etc/GMT+12") })
        {
            Assert.IsType<UserView>((await world.Entities.User(user).Send(new UserCommand.PutUser(Personal.Of(new Profile([], zone)), 1_000, 1_000), world.New())).Reply);
            await Run(world, await Open(world, user), 10);
            Assert.IsType<UserErased>((await world.Entities.User(user).Send(new UserCommand.EraseData(), world.New())).Reply);
        }

        await Task.Delay(TimeSpan.FromSeconds(30), world.Time);

        Assert.Empty((await Check(world.Journal, world.Time)).Found);
    });

    [Fact]
    public void A_hold_that_is_left_after_its_run_was_void_everywhere_is_named_by_holds() => Damaged(
        static (_, happened) => happened is CampaignEvent.HoldVoided ? [] : [happened], Rules.Holds);

    [Fact]
    public void A_hold_that_is_void_and_then_void_again_breaks_no_rule() => Damaged(
        static (_, happened) => happened is UserEvent.HoldVoided ? [happened, happened] : [happened]);

    [Fact]
    public void A_run_that_is_posted_for_less_at_its_user_than_in_its_session_is_named_by_runs() => Damaged(
        static (_, happened) => happened is UserEvent.HoldPosted e ? [e with { AmountMicros = e.AmountMicros - 1 }] : [happened], Rules.Runs);

    [Fact]
    public void A_run_that_is_void_at_its_user_and_posted_in_its_session_is_named_by_runs() => Damaged(
        static (_, happened) => happened is UserEvent.HoldPosted e ? [new UserEvent.HoldVoided(e.HoldId)] : [happened], Rules.Runs);

    [Fact]
    public void A_transfer_that_arrives_under_another_number_is_named_by_transfers() => Damaged(
        static (_, happened) => happened is WalletEvent.Credited { Source: "default/campaign/c1", Number: 1 } e ? [e with { Number = e.Number + 7 }] : [happened], Rules.Transfers);

    [Fact]
    public void A_payment_that_arrives_under_another_id_is_named_by_transfers() => Damaged(
        static (_, happened) => happened is WalletEvent.Credited { Items: { Count: > 0 } items } e ? [e with { Items = [.. items.Select(item => item with { TransferId = Guid.Empty })] }] : [happened], Rules.Transfers);

    [Fact]
    public void Money_that_arrives_and_was_not_sent_is_named_by_transfers_and_by_sums() => Damaged(
        static (_, happened) => happened is WalletEvent.Credited { Items: null } e ? [e with { AmountMicros = e.AmountMicros + 1 }] : [happened], Rules.Transfers, Rules.Sums);

    [Theory]
    [InlineData("other")]
    [InlineData("missing")]
    [InlineData("made up")]
    public void A_row_of_a_query_table_that_does_not_follow_from_the_journal_is_named_by_tables(string damage) => Damaged(
        async (copy, world) =>
        {
            await copy.Rows(static (_, happened) => [happened]);
            await copy.Tables((table, row) => table != "fund_entries" ? [row] : damage switch
            {
                "other" => [row with { Values = [.. row.Values.Select(static (value, column) => column == 7 ? (long)value! + 1 : value)] }],
                "missing" => [],
                _ => [row, row with { Values = [.. row.Values.Select(static (value, column) => column == 3 ? 1_000 + (long)value! : value)] }],
            });
        },
        [Rules.Tables]);

    /// <summary>Everything that money does here: a sponsored run, one of a delegated session, one that fails, one that a wallet pays, a transfer, a deposit and a withdrawal.</summary>
    private static void Simulated(Func<World, Task> test)
    {
        var time = new SimTimeProvider();
        var scheduler = new SimScheduler(new Random(1), time) { Patience = TimeSpan.FromDays(1) };
        scheduler.Run(async () =>
        {
            var world = Processes.WorldOn(new MemoryJournal(time), scheduler, time);
            await Happen(world);
            await test(world);
        });
    }

    private static async Task Happen(World world)
    {
        await world.Entities.Wallet(Wallet).Send(new WalletCommand.Deposit(1_000, null), world.New(World.Key("admin", "deposit")));
        await world.Entities.Wallet(Wallet).Send(new WalletCommand.Withdraw(100, null), world.New(World.Key("admin", "withdraw")));
        await world.Entities.User("u1").Send(new UserCommand.PutUser(Personal.Of(new Profile([], "Asia/Tokyo")), 1_000, null), world.New());
        var session = await Open(world);
        await Run(world, session, 10);
        var delegated = await world.Entities.Session(session).Send(new SessionCommand.Delegate(World.Request("delegate_session"), "a2", new(null, null, null, null), null, null), world.New());
        await Run(world, Assert.IsType<SessionOpened>(delegated.Reply).SessionId, 20);
        Assert.Null((await world.Entities.Session(session).Send(new RunCommand.Transfer(World.Request("transfer"), "agent:a2", 30, "thanks", PayeeKnown: true), world.New())).Rejection);
        var answers = world.Service.Answers;
        world.Service.Answers = static _ => Task.FromResult<StepOutcome>(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "no", 3));
        Assert.Equal(Codes.UpstreamFailed, (await world.Run(session, "c1", 20, "fails")).Rejection!.Code);
        world.Service.Answers = answers;
        await Run(world, session, 10); // with which the end of the one before is written, which rode until then
        await Task.Delay(TimeSpan.FromSeconds(30), world.Time);
    }

    private static async Task<string> Open(World world, string user = "u1")
    {
        await world.PutCampaign("c1", 1_000_000, runsPerCompletion: 1_000);
        var opened = await world.Entities.User(user).Send(new UserCommand.OpenSession(Agent, new(["*"], ["*"], ["*"], ["*"], ["*"]), 1_000_000, 3_600, Vouched: true), world.New());
        var session = Assert.IsType<SessionOpened>(opened.Reply).SessionId;
        await world.Complete(session, "c1");
        return session;
    }

    private static async Task Run(World world, string session, long price)
    {
        Assert.IsType<RunView>((await world.Run(session, "c1", price, world.Time.GetUtcNow().ToString("O"))).Reply);
        await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
    }

    private static void Damaged(Func<StreamId, object, IEnumerable<object>> instead, params string[] rules) => Damaged(instead, rules, rebuilt: true);

    /// <param name="rebuilt">The query tables follow from what was changed.</param>
    private static void Damaged(Func<StreamId, object, IEnumerable<object>> instead, string[] rules, bool rebuilt = true, bool isChained = true) => Damaged(
        async (copy, world) =>
        {
            await copy.Rows(instead);
            if (rebuilt)
            {
                await new Rebuilder(copy.Journal, Keys(copy.Journal, world.Time)).Run(default);
            }
            else
            {
                await copy.Tables();
            }
        },
        rules,
        isChained);

    private static void Damaged(Func<DamagedCopy, World, Task> damage, string[] rules, bool isChained = true) => Simulated(async world =>
    {
        var copy = new DamagedCopy(world.Journal, new MemoryJournal(world.Time), Keys(world.Journal, world.Time), isChained);
        await damage(copy, world);

        var (report, found) = await Check(copy.Journal, world.Time);

        Assert.True(rules.Order(StringComparer.Ordinal).SequenceEqual(found.Select(violation => violation.Rule).Distinct().Order(StringComparer.Ordinal)), string.Join('\n', found));
        Assert.Equal(found.Count, report.Violations);
        Assert.All(found, violation => Assert.True(violation.Rule == Rules.Sums || violation is { Stream: not null, Seq: > 0 }, violation.ToString()));
    });

    private static async Task<(CheckReport Report, List<Violation> Found)> Check(IJournal journal, TimeProvider time)
    {
        var found = new List<Violation>();
        using var check = new JournalCheck(journal, Keys(journal, time), found.Add);
        return (await check.Run(default), found);
    }

    private static PersonalKeys Keys(IJournal journal, TimeProvider time) => new(journal, new byte[32], RandomNumberGenerator.Fill, time);
}
