using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

/// <summary>Caps of services and categories: limits beside the user's own, kept in the same stream and by the same holds.</summary>
public sealed class PartCapTests
{
    private static readonly PartCap Summary = new(PartCap.OfService, "summary", 50, null);
    private static readonly PartCap Texts = new(PartCap.OfCategory, "Text & more", null, 70);

    [Fact]
    public void A_run_over_what_is_left_for_its_service_is_refused_and_another_service_is_not_ServiceDailyCap()
    {
        var user = Capped(Summary);
        Spend(user, 40);

        user.When(Reserve(user, 11)).ThenRejected(UserRejection.OverPart(DayOf("service:summary"), "u1", 10, 11, 43_200));
        Assert.Equal(("service_daily_cap", "summary", "0.001", "0.001"), (Fact("limit"), Fact("service_id"), Fact("remaining_cents"), Fact("free_cents")));
        user.When(Reserve(user, 11, service: "other", category: "other")).ThenEvents(typeof(UserEvent.HoldReserved));
        user.When(Reserve(user, 10)).ThenEvents(typeof(UserEvent.HoldReserved));

        string Fact(string name) => user.Rejection().Fact(name);
    }

    [Fact]
    public void All_services_of_a_category_share_its_cap_whatever_its_case_CategoryMonthlyCap()
    {
        var user = Capped(Texts);
        Spend(user, 40, service: "one", category: "text & MORE");
        Spend(user, 20, service: "two", category: "TEXT & more");

        user.When(Reserve(user, 11, service: "three", category: "Text & more")).ThenRejected(UserRejection.OverPart("month:2026-03:category:text%20%26%20more", "u1", 10, 11, 2_635_200));
        Assert.Equal(("category_monthly_cap", "text & more"), (user.Rejection().Fact("limit"), user.Rejection().Fact("category")));
    }

    [Fact]
    public void What_is_held_is_free_again_when_it_is_voided_and_what_is_posted_when_it_is_given_back()
    {
        var user = Capped(Summary, Texts);
        var (voided, posted) = (user.NextId(), user.NextId());
        user.When(Reserve(user, 50, voided)).When(Reserve(user, 1)).ThenRejected(Codes.BudgetExceeded);
        user.When(new NodeCommand.Void(voided)).When(Reserve(user, 50, posted)).When(new NodeCommand.Post(posted, 30));
        var accounts = ((UserReserved)Nodes(user, 20)).Nodes!;

        user.When(Reserve(user, 21)).ThenRejected(UserRejection.OverPart(DayOf("service:summary"), "u1", 20, 21, 43_200));
        user.When(new NodeCommand.TakeRefund(user.NextId(), user.NextId(), 30, accounts)).When(Reserve(user, 51)).ThenRejected(UserRejection.OverPart(DayOf("service:summary"), "u1", 50, 51));
        user.When(Reserve(user, 50)).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void A_cap_that_was_lifted_for_a_while_remembers_what_was_spent_meanwhile()
    {
        var user = Capped(Summary);
        Spend(user, 20);
        user.When(Put());
        Spend(user, 25);

        user.When(Put(Summary)).When(Reserve(user, 6)).ThenRejected(UserRejection.OverPart(DayOf("service:summary"), "u1", 5, 6, 43_200));
    }

    [Fact]
    public void A_cap_that_was_lifted_before_anything_was_spent_remembers_too_and_so_does_one_that_came_later()
    {
        var user = Capped(Summary).When(Put());
        Spend(user, 45);
        user.When(Put(Texts)).When(Reserve(user, 26)).ThenRejected(UserRejection.OverPart("month:2026-03:category:text%20%26%20more", "u1", 25, 26, 2_635_200));
        user.When(Put(Summary)).When(Reserve(user, 6)).ThenRejected(UserRejection.OverPart(DayOf("service:summary"), "u1", 5, 6, 43_200));
    }

    /// <summary>A final sigma has another lower case than one within, and the same upper case.</summary>
    [Fact]
    public void A_category_is_alike_where_scopes_take_it_for_the_same()
    {
        var user = Capped(Texts with { Name = "λόγος" });
        user.When(Reserve(user, 71, category: "ΛΌΓΟΣ")).ThenRejected(Codes.BudgetExceeded);
    }

    [Fact]
    public void A_new_day_has_its_whole_cap_and_no_account_of_the_one_before()
    {
        var user = Capped(Summary);
        Spend(user, 50);
        user.After(TimeSpan.FromDays(3)).When(Reserve(user, 50)).ThenEvents(typeof(UserEvent.HoldReserved));
        Assert.DoesNotContain(DayOf("service:summary"), user.State.Accounts.Keys);
    }

    [Fact]
    public void A_new_month_has_its_whole_cap_and_no_account_of_the_one_before()
    {
        var user = Capped(Summary, Texts);
        Spend(user, 50);
        user.After(TimeSpan.FromDays(40)).When(Reserve(user, 50)).ThenEvents(typeof(UserEvent.HoldReserved));
        Assert.All(user.State.Accounts.Keys, key => Assert.Contains(":2026-04", key, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_left_of_a_part_is_the_least_that_its_day_and_its_month_leave()
    {
        var user = Capped(Summary with { MonthlyCapMicros = 70 });
        Spend(user, 50);
        Left(0);
        Left(20, days: 1);
        Left(50, days: 40);

        void Left(long micros, int days = 0) =>
            user.After(TimeSpan.FromDays(days)).When(new UserCommand.GetSponsorship(Agent)).ThenAnswered<Sponsorship>(told => Assert.Equal([new(Summary.Part(), micros)], told.Parts!));
    }

    /// <summary>The day ends in 12 hours, the month in 30 days and a half.</summary>
    [Theory]
    [InlineData(20, 43_200)]
    [InlineData(21, 2_635_200)]
    public void Whoever_waits_for_a_part_waits_for_its_month_where_that_has_less_than_the_next_day(long asked, long told)
    {
        var user = Capped(Summary with { MonthlyCapMicros = 70 });
        Spend(user, 50);
        var at = user.Now;

        user.When(Reserve(user, asked)).ThenRejected(UserRejection.OverPart(DayOf("service:summary"), "u1", 0, asked, told));
        user.At(at.AddSeconds(told - 1)).When(Reserve(user, asked)).ThenRejected(Codes.BudgetExceeded);
        user.At(at.AddSeconds(told)).When(Reserve(user, asked)).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void The_users_own_caps_refuse_first_and_transfers_count_on_no_part_DailyCap()
    {
        var user = Profiled().When(new UserCommand.PutUser(Profile(), 40, null, Parts: PartCap.InOrder([Summary])));
        user.When(Reserve(user, 51)).ThenRejected(UserRejection.OverLimit("daily_cap", 40, "u1", 51));
        user.When(user.Reserve(40) with { Terms = new ReserveTerms.OfUser(Agent, [], false, OwnFund: true) }).ThenEvents(typeof(UserEvent.HoldReserved));
        Assert.Equal(["day:2026-03-01", "month:2026-03"], user.State.Accounts.Keys);
    }

    [Fact]
    public void Near_its_end_a_part_is_named_and_a_run_that_is_far_from_it_names_none()
    {
        var user = Capped(Summary, Texts);
        user.When(Reserve(user, 39, category: "other")).ThenAnswered<UserReserved>(reserved => Assert.Null(reserved.Near));
        user.When(Reserve(user, 1)).ThenAnswered<UserReserved>(reserved => Assert.Equal([new("service_daily_cap", "summary", 50, 10)], reserved.Near!));
    }

    [Fact]
    public void Where_no_part_has_a_cap_a_hold_has_the_lines_that_it_always_had()
    {
        var user = Profiled(100);
        user.When(Reserve(user, 10)).ThenEvents(typeof(UserEvent.HoldReserved));
        Assert.Equal(["day:2026-03-01", "month:2026-03"], user.State.Accounts.Keys);
    }

    [Fact]
    public void A_put_says_the_parts_that_it_drops_and_the_same_put_again_changes_nothing()
    {
        var user = Capped(Summary, Texts);
        var tag = user.State.View.Etag;
        user.When(Put(Texts, Summary)).Then();
        var put = (UserView)UserDecider.Decide(user.State, new UserCommand.PutUser(Profile(), null, null, new(Unnamed: ["per_service", "per_category"])), new(user.Now, Guid.Empty, Zones: SystemTimeZones.Instance)).Answer!.Reply!;
        Assert.Equal(["per_service", "per_category"], put.Dropped);
        user.When(Put());
        Assert.NotEqual(tag, user.State.View.Etag);
        Assert.Equal(Profiled().State.View.Etag, user.State.View.Etag);
    }

    [Fact]
    public void What_is_spent_of_each_part_is_inspected()
    {
        var user = Capped(Summary, Texts);
        Spend(user, 20);
        user.When(Reserve(user, 5));
        user.When(new UserCommand.Inspect()).ThenAnswered<UserInspected>(seen => Assert.Equal(
            [new("category", "Text & more", Spent(Projection.NoCap), Spent(at: UserTest.Start.AddHours(21.6))), new("service", "summary", Spent(Projection.NotInPeriod), Spent(Projection.NoCap))], seen.Parts!));

        static Spent Spent(string? not = null, DateTimeOffset? at = null) => new(20, 5, new(at, not));
    }

    [Fact]
    public void Amounts_of_parts_are_held_to_the_bounds_of_all_amounts_AmountOutOfRange() =>
        Profiled().When(Put(Summary with { DailyCapMicros = -1 })).ThenRejected(UserRejection.AmountOutOfRange);

    /// <summary>A silo of the release before would put the user without its parts: it refuses what it cannot decode. Without parts it is asked as ever.</summary>
    [Fact]
    public void A_put_with_parts_has_a_version_of_its_own_and_rows_without_them_are_read()
    {
        Assert.Equal(3, UserCodec.Commands.Encode(Put(Summary)).Version);
        Assert.Equal(1, UserCodec.Commands.Encode(Put()).Version);
        var old = (UserEvent.UserPut)UserCodec.Events.Decode("user.profile_put", 1, Encoding.UTF8.GetBytes("""{"user_id":"u1","daily_cap_micros":5,"grants":[]}"""), Profile());
        Assert.Null(old.Parts);
        var asked = (NodeCommand.Reserve)NodeCodec.OfUser.Decode(
            "user.reserve", 1, Encoding.UTF8.GetBytes($$"""{"hold_id":"{{Guid.Empty}}","owner":"default/session/s1","run_id":"{{Guid.Empty}}","agent_id":"a1","amount_micros":5,"candidates":[],"named":false}"""), null);
        Assert.Equal((null, null), (((ReserveTerms.OfUser)asked.Terms).ServiceId, ((ReserveTerms.OfUser)asked.Terms).Category));
    }

    private static string DayOf(string part) => $"day:2026-03-01:{part}";

    private static UserTest Capped(params IReadOnlyList<PartCap> caps) => Profiled().When(Put(caps));

    private static UserCommand Put(params IReadOnlyList<PartCap> caps) => new UserCommand.PutUser(Profile(), null, null, Parts: PartCap.InOrder(caps));

    private static object Nodes(UserTest user, long micros)
    {
        var hold = user.NextId();
        var reply = user.When(Reserve(user, micros, hold)).Last.Answer!.Reply!;
        user.When(new NodeCommand.Void(hold));
        return reply;
    }

    private static void Spend(UserTest user, long micros, string service = "summary", string category = "Text & more")
    {
        var hold = user.NextId();
        user.When(Reserve(user, micros, hold, service, category)).When(new NodeCommand.Post(hold, micros));
    }

    private static UserCommand Reserve(UserTest user, long micros, Guid? hold = null, string service = "summary", string category = "Text & more") =>
        user.ReserveAs(hold ?? user.NextId(), micros) with { Terms = new ReserveTerms.OfUser(Agent, [], false, OwnFund: true, ServiceId: service, Category: category) };
}
