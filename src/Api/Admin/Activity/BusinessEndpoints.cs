using Agora.Api.Refunds;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Access;
using Agora.Core.Agents;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Web;

namespace Agora.Api.Admin.Activity;

/// <summary>Whether the market lives: who is active and comes back, what is done and paid, day by day, against what was wished for.</summary>
internal sealed class BusinessEndpoints(ITables tables, TableReader reader, ApiOptions options) : IFeature
{
    public static readonly Operation<int> Get = new(Audience.Operators, "get_business", "GET /admin/business", "Who was active, what was done and what was paid, by UTC day, against the targets of AGORA_TARGETS")
    {
        Read = static call => call.Query.Days("days", "So many days up to today.", Limits.DaysShown, absent: 7),
        Data = typeof(BusinessData),
        DataExample = """{"targets":[{"measure":"payments","least":10,"yesterday":12,"reached":true}],"days":[{"day":"2030-01-01","payments":12,"amount_cents":24,"refunded_cents":0,"active_agents":4,"returning_agents":3,"returning_percent":75,"active_providers":2,"completions":9,"messages":120,"delivered_messages":99,"dead_letters":1,"delivered_percent":99}],"agents":14,"developers":5}""",
    };

    private const int Everything = 100;

    public void Map(Routes routes) => routes.Map(Get, GetBusiness);

    private async Task<Reply> GetBusiness(OperatorCall call, int days)
    {
        // The targets need yesterday, and the day before it in the minutes after midnight.
        var today = new DateTimeOffset(call.Now.UtcDateTime.Date, TimeSpan.Zero);
        var from = today.AddDays(-Math.Max(days - 1, 2));
        var (agents, providers, talk) = (await Active("agent_id"), await Active("provider"), await Counted());
        var all = new List<BusinessDayData>();
        await foreach (var (day, sums) in PaymentTotals.ByDay(tables, call.Tenant, from, today, of: null, call.Cancel))
        {
            var number = PaymentTotals.DayOf(day);
            var agent = agents.GetValueOrDefault(number);
            var counts = call.Now < day.AddDays(1) + TalkLimits.CountedWithin ? null : talk.GetValueOrDefault(number, new(number));
            all.Add(new(
                DateOnly.FromDateTime(day.UtcDateTime),
                sums.Count,
                new(sums.AmountMicros),
                new(sums.ReturnedMicros),
                agent.Count,
                agent.Returning,
                agent.Count == 0 ? null : (int)(agent.Returning * 100 / agent.Count),
                providers.GetValueOrDefault(number).Count,
                await Completions(day),
                counts?.Messages,
                counts?.Delivered,
                counts?.Dead));
        }

        var (yesterday, counted) = (all[^2], all.Last(static day => day.Messages is not null));
        var data = new BusinessData([], [.. all.TakeLast(days)], await Agents(), await Developers());
        return Reply.Ok(data with { Targets = [.. (call.Tenant == Tenant.Default ? options.Targets : []).Select(target => Met(target, yesterday, counted, data))] });

        async Task<IReadOnlyDictionary<long, ActiveDay>> Active(string column) => (await tables.Active(
            new(PaymentTotals.Summed, call.Tenant.Name, column, PaymentTotals.DayOf(from), PaymentTotals.DayOf(today) + 1, Limits.ReturnsWithinDays), call.Cancel)).ToDictionary(static day => day.Day);

        async Task<IReadOnlyDictionary<long, DayCount>> Counted() => (await tables.DayTotals(
            TableShapes.Of(ConversationTables.Days), call.Tenant.Name, ["messages", "delivered", "dead"], PaymentTotals.DayOf(from), PaymentTotals.DayOf(today), call.Cancel))
            .ToDictionary(static day => day.Day, static day => new DayCount(day.Day, day.Sums[0], day.Sums[1], day.Sums[2]));

        async Task<long?> Completions(DateTimeOffset day) => (await reader.In(call.Tenant).Page(
            UserTables.Completions,
            new(0, 1),
            [new("completed_at")],
            call.Cancel,
            new("completed_at", Comparison.AtLeast, day.ToMicros()),
            new Condition("completed_at", Comparison.LessThan, day.AddDays(1).ToMicros()))).Total.Number;

        async Task<long?> Agents() => (await reader.In(call.Tenant).Page(AgentTables.Agents, new(0, 1), [new("agent_id")], call.Cancel)).Total.Number;

        // One read per owner, however many agents an owner has.
        async Task<long?> Developers()
        {
            string? owner = null;
            for (var found = 0L; found <= Limits.DevelopersCounted; found++)
            {
                var next = await reader.In(call.Tenant).First(AgentTables.Agents, [new("owner")], [new("owner", Comparison.GreaterThan, owner ?? "")], 1, call.Cancel);
                if (next.Count == 0) return found;

                owner = next[0].Text("owner");
            }

            return null;
        }
    }

    /// <param name="counted">The last day whose messages are counted: yesterday, or in the minutes after midnight the day before it.</param>
    internal static TargetData Met(DailyTarget target, BusinessDayData day, BusinessDayData counted, BusinessData business)
    {
        var was = target.Measure switch
        {
            DailyTarget.Payments => day.Payments,
            DailyTarget.AmountCents => day.AmountCents.Micros / Money.MicrosPerCent,
            DailyTarget.ActiveAgents => day.ActiveAgents,
            DailyTarget.ActiveProviders => day.ActiveProviders,
            DailyTarget.Completions => day.Completions ?? Limits.LookedAt,
            DailyTarget.ReturningPercent => day.ReturningPercent ?? 0,
            DailyTarget.Messages => counted.Messages ?? 0,
            DailyTarget.DeliveredPercent => counted.DeliveredPercent ?? Everything,
            DailyTarget.Agents => business.Agents ?? Limits.LookedAt,
            DailyTarget.Developers => business.Developers ?? Limits.DevelopersCounted,
            _ => throw new ArgumentOutOfRangeException(nameof(target), target.Measure, "Nothing is measured so."),
        };
        return new(target.Measure, target.Least, was, was >= target.Least);
    }
}

/// <param name="Targets">Empty: none is set.</param>
/// <param name="Agents">Agents that are known now. Null if there are more than are counted.</param>
/// <param name="Developers">Owners of agents now. Null if there are more than are counted.</param>
internal sealed record BusinessData(IReadOnlyList<TargetData> Targets, IReadOnlyList<BusinessDayData> Days, long? Agents, long? Developers);

internal sealed record TargetData(string Measure, long Least, long Yesterday, bool Reached);

/// <param name="ReturningPercent">Null: no agent was active.</param>
/// <param name="Completions">Null: more than are counted.</param>
/// <param name="Messages">Messages that conversations accepted. Null if the day is not counted yet.</param>
/// <param name="DeliveredMessages">Messages that the last of their recipients acknowledged. Null if the day is not counted yet.</param>
/// <param name="DeadLetters">Messages that became dead letters. Null if the day is not counted yet.</param>
internal sealed record BusinessDayData(
    DateOnly Day, long Payments, Cents AmountCents, Cents RefundedCents, long ActiveAgents, long ReturningAgents, int? ReturningPercent, long ActiveProviders, long? Completions,
    long? Messages, long? DeliveredMessages, long? DeadLetters)
{
    /// <summary>The percentage of messages that were delivered, among those that were delivered or became dead letters on the day, rounded down. Null if there were none.</summary>
    public int? DeliveredPercent => DeliveredMessages is { } delivered && DeadLetters is { } dead && delivered + dead > 0 ? (int)(delivered * 100 / (delivered + dead)) : null;
}
