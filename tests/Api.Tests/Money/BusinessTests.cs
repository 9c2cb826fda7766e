using System.Text.Json;
using Agora.Api.Admin.Activity;
using Agora.Api.Tests.Lists;
using Agora.Api.Tests.Support;
using Agora.Api.Tests.Tenants;
using Agora.Api.Tests.TestTenants;
using Agora.Core.Access;

namespace Agora.Api.Tests.Money;

/// <summary>Who is active, what is done and what is paid by the day.</summary>
public sealed class BusinessTests
{
    [Fact]
    public async Task A_day_has_who_was_active_what_was_paid_and_done_and_targets_are_held_to_yesterday()
    {
        await using var api = await RunningApi.Start();
        await FilledTenant.Of(api);

        var business = (await api.Client.Admin(HttpMethod.Get, "/admin/business?days=3")).Expect(200).Data;
        var days = business.GetProperty("days").EnumerateArray().ToList();
        var (before, today) = (days[1], days[^1]);
        var paid = (await api.Client.Admin(HttpMethod.Get, "/admin/days?days=1")).Expect(200).Data.GetProperty("days")[0];

        Assert.Equal(3, days.Count);
        Assert.Equal(paid.GetProperty("amount_cents").GetRawText(), today.GetProperty("amount_cents").GetRawText());
        Assert.True(Number(today, "payments") > 0 && Number(today, "payments") == Number(paid, "payments"), today.GetRawText());
        Assert.Equal((1, 0, 0, 1, 2), (Number(today, "active_agents"), Number(today, "returning_agents"), Number(today, "returning_percent"), Number(today, "active_providers"), Number(today, "completions")));
        Assert.Equal((0, 0, JsonValueKind.Null), (Number(before, "payments"), Number(before, "active_agents"), before.GetProperty("returning_percent").ValueKind));
        Assert.Equal(
            ["payments 1 0 False", "returning_percent 0 0 True", "messages 10 0 False"],
            business.GetProperty("targets").EnumerateArray().Select(target => $"{target.GetProperty("measure")} {target.GetProperty("least")} {target.GetProperty("yesterday")} {target.GetProperty("reached")}"));
    }

    [Fact]
    public async Task What_is_wished_for_is_of_the_default_tenant_and_told_no_other()
    {
        await using var api = await RunningApi.Start();

        Assert.Equal(0, (await OneTenant.Second(api).Get("/admin/business")).GetProperty("targets").GetArrayLength());
    }

    [Fact]
    public async Task Of_one_day_only_today_is_told()
    {
        await using var api = await RunningApi.Start();

        var days = (await api.Client.Admin(HttpMethod.Get, "/admin/business?days=1")).Expect(200).Data.GetProperty("days");

        Assert.Equal(1, days.GetArrayLength());
        (await api.Client.Admin(HttpMethod.Get, "/admin/business?days=0")).Expect(422);
    }

    [Fact]
    public async Task Days_of_one_agent_campaign_service_or_user_are_its_own_and_only_one_is_named()
    {
        await using var api = await RunningApi.Start();
        await FilledTenant.Of(api);
        var runs = (await api.Client.Admin(HttpMethod.Get, "/admin/payments")).Expect(200).Data.GetProperty("payments").EnumerateArray().ToList();

        foreach (var column in new[] { "user_id", "agent_id", "campaign_id", "service_id" })
        {
            foreach (var of in runs.Where(run => run.TryGetProperty(column, out var id) && id.ValueKind == JsonValueKind.String).GroupBy(run => run.GetProperty(column).GetString()!))
            {
                Assert.Equal(of.Count(), await Today($"{column}={of.Key}"));
            }

            Assert.Equal(0, await Today($"{column}=nobody-s"));
        }

        Assert.Equal(runs.Count, await Today(""));
        (await api.Client.Admin(HttpMethod.Get, "/admin/days?user_id=user-1&agent_id=agent-1")).Refused(422, "validation_failed");

        async Task<int> Today(string of) => Number((await api.Client.Admin(HttpMethod.Get, $"/admin/days?days=1&{of}".TrimEnd('&'))).Expect(200).Data.GetProperty("days")[0], "payments");
    }

    public static TheoryData<string> Stores => Store.Names;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Messages_of_a_day_and_what_became_of_them_are_known_fifteen_minutes_after_it(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        var tests = new TestTenant(api);
        var keys = new Dictionary<string, string>();
        foreach (var agent in new[] { "a", "b" })
        {
            await tests.Put($"/admin/agents/{agent}", "{}");
            keys[agent] = (await tests.Admin(HttpMethod.Post, $"/admin/agents/{agent}/keys", "{}")).Expect(201).Data.GetProperty("key").GetString()!;
        }

        await Advance(await UntilMidnight() + TimeSpan.FromHours(1)); // the next midnight is far
        foreach (var seconds in new[] { 60, 604_800 }) // in each conversation one message is delivered, and in the first one dies
        {
            var id = (await Post("a", "/conversations", """{"participants":["b"]}""")).Expect(201).Data.GetProperty("conversation_id").GetString()!;
            (await Post("b", $"/conversations/{id}/join", "{}")).Expect(200);
            var first = (await Post("a", $"/conversations/{id}/messages", """{"content":"one"}""")).Expect(201).Data.GetProperty("number").GetInt64();
            (await Post("b", $"/conversations/{id}/acknowledge", $$"""{"number":{{first}}}""")).Expect(200);
            (await Post("a", $"/conversations/{id}/messages", $$"""{"content":"two","ttl_seconds":{{seconds}}}""")).Expect(201);
            (await Post("a", $"/conversations/{id}/messages", "{}")).Expect(422);
        }

        await Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("null null null null", await Counts(0));
        await Advance(await UntilMidnight() + TimeSpan.FromMinutes(5));
        Assert.Equal("null null null null", await Counts(1));
        await Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("4 2 1 66", await Counts(1));
        Assert.Equal("0 0 0 null", await Counts(2));
        Assert.Equal("null null null null", await Counts(0));

        Task<Received> Post(string agent, string path, string body) => api.Client.Post(path, keys[agent], body);

        // On a busy machine an advance leaves alarms to the next one.
        async Task Advance(TimeSpan by)
        {
            for (var left = (await tests.Advance(by)).GetProperty("alarms_left").GetInt32(); left > 0; left = (await tests.Advance(TimeSpan.FromSeconds(1))).GetProperty("alarms_left").GetInt32())
            {
            }
        }

        async Task<TimeSpan> UntilMidnight() => TimeSpan.FromDays(1) - (await tests.Get("/test/clock")).GetProperty("now").GetDateTimeOffset().UtcDateTime.TimeOfDay;

        async Task<string> Counts(int daysAgo) => CountsIn(await tests.Get("/admin/business?days=3"), daysAgo);

        static string CountsIn(JsonElement business, int daysAgo) =>
            string.Join(' ', new[] { "messages", "delivered_messages", "dead_letters", "delivered_percent" }.Select(measure => business.GetProperty("days")[2 - daysAgo].GetProperty(measure).GetRawText()));
    }

    [Fact]
    public async Task Agents_and_their_owners_are_counted_as_of_now()
    {
        await using var api = await RunningApi.Start();
        foreach (var (agent, owner) in new[] { ("a", """{"owner":"maker-1"}"""), ("b", """{"owner":"maker-2"}"""), ("c", """{"owner":"maker-2"}"""), ("d", "{}") })
        {
            (await api.Client.Admin(HttpMethod.Put, $"/admin/agents/{agent}", owner)).Expect(200);
        }

        var business = (await api.Client.Admin(HttpMethod.Get, "/admin/business")).Expect(200).Data;

        Assert.Equal((4, 2), (Number(business, "agents"), Number(business, "developers")));
    }

    /// <summary>The meters are the process's, so others may count beside this.</summary>
    [Fact]
    public async Task Activity_counts_requests_and_messages_of_the_last_hour()
    {
        await using var api = await RunningApi.Start();
        await FilledTenant.Of(api);

        var points = (await api.Client.Admin(HttpMethod.Get, "/admin/activity")).Expect(200).Data.GetProperty("points").EnumerateArray().ToList();

        Assert.Equal(60, points.Count);
        Assert.All(["messages", "requests"], measure => Assert.True(points.Sum(point => Number(point, measure)) > 0, measure));
        Assert.True(points.Sum(point => Number(point, "messages")) < points.Sum(point => Number(point, "requests")));
    }

    [Theory]
    [InlineData(DailyTarget.Payments, 12)]
    [InlineData(DailyTarget.AmountCents, 24)]
    [InlineData(DailyTarget.ActiveAgents, 4)]
    [InlineData(DailyTarget.ActiveProviders, 2)]
    [InlineData(DailyTarget.Completions, 9)]
    [InlineData(DailyTarget.ReturningPercent, 75)]
    [InlineData(DailyTarget.Messages, 30_000)]
    [InlineData(DailyTarget.DeliveredPercent, 99)]
    [InlineData(DailyTarget.Agents, 14)]
    [InlineData(DailyTarget.Developers, 5)]
    public void A_target_is_held_to_its_own_measure_and_is_reached_by_just_as_much(string measure, int yesterday)
    {
        var day = new BusinessDayData(new(2030, 1, 1), Payments: 12, new(24 * Core.Kernel.Money.MicrosPerCent), new(0), ActiveAgents: 4, ReturningAgents: 3, ReturningPercent: 75, ActiveProviders: 2, Completions: 9, Messages: 30_000, DeliveredMessages: 999, DeadLetters: 1);
        var business = new BusinessData([], [day], Agents: 14, Developers: 5);

        Assert.Equal(new(measure, yesterday, yesterday, Reached: true), BusinessEndpoints.Met(new(measure, yesterday), day, day, business));
        Assert.Equal(new(measure, yesterday + 1, yesterday, Reached: false), BusinessEndpoints.Met(new(measure, yesterday + 1), day, day, business));
    }

    [Fact]
    public void Each_measure_that_the_setting_knows_is_measured()
    {
        var day = new BusinessDayData(new(2030, 1, 1), 0, new(0), new(0), 0, 0, null, 0, 0, null, null, null);
        Assert.All(DailyTarget.Measures, measure => Assert.Equal(measure, BusinessEndpoints.Met(new(measure, 1), day, day, new([], [day], 0, 0)).Measure));
    }

    [Theory]
    [InlineData(DailyTarget.Messages, 40)]
    [InlineData(DailyTarget.DeliveredPercent, 75)]
    public void A_target_of_messages_is_held_to_the_day_before_until_yesterday_is_counted(string measure, int before)
    {
        var counted = new BusinessDayData(new(2030, 1, 1), 0, new(0), new(0), 0, 0, null, 0, 0, Messages: 40, DeliveredMessages: 3, DeadLetters: 1);
        var yesterday = counted with { Day = new(2030, 1, 2), Messages = null, DeliveredMessages = null, DeadLetters = null };

        Assert.Equal(new(measure, 1, before, Reached: true), BusinessEndpoints.Met(new(measure, 1), yesterday, counted, new([], [counted, yesterday], Agents: 0, Developers: 0)));
    }

    [Fact]
    public async Task In_the_minutes_after_midnight_a_target_of_messages_is_held_to_the_day_before_yesterday()
    {
        var midnight = new DateTimeOffset(DateTime.UtcNow.Date.AddDays(1), TimeSpan.Zero);
        await using var store = await Store.Open("memory");
        await store.Journal.Write([Rows.TalkDay("c1", midnight.AddDays(-2), messages: 30), Rows.TalkDay("c2", midnight.AddDays(-2), messages: 10)], default);
        await using var api = await RunningApi.Start(store: store.Journal, time: new Moved(midnight - DateTimeOffset.UtcNow));

        var business = (await api.Client.Admin(HttpMethod.Get, "/admin/business")).Expect(200).Data;

        var target = business.GetProperty("targets").EnumerateArray().Single(static target => target.GetProperty("measure").GetString() == DailyTarget.Messages);
        Assert.Equal((40, true), (Number(target, "yesterday"), target.GetProperty("reached").GetBoolean()));
        Assert.Equal(["40", "null", "null"], business.GetProperty("days").EnumerateArray().TakeLast(3).Select(static day => day.GetProperty("messages").GetRawText()));
    }

    [Fact]
    public void A_day_on_which_no_message_was_delivered_or_dead_has_no_rate_and_reaches_any_target_of_it()
    {
        var day = new BusinessDayData(new(2030, 1, 1), 0, new(0), new(0), 0, 0, null, 0, 0, Messages: 5, DeliveredMessages: 0, DeadLetters: 0);

        Assert.Null(day.DeliveredPercent);
        Assert.Equal(new(DailyTarget.DeliveredPercent, 99, 100, Reached: true), BusinessEndpoints.Met(new(DailyTarget.DeliveredPercent, 99), day, day, new([], [day], Agents: 0, Developers: 0)));
    }

    private static int Number(JsonElement of, string name) => of.GetProperty(name).GetInt32();

    /// <summary>A clock that is ahead.</summary>
    private sealed class Moved(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
