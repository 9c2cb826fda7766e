using Agora.Api.Refunds;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Web;

namespace Agora.Api.Admin.Activity;

/// <summary>How much goes on: in this process by the minute, and what a tenant's payments came to by the day.</summary>
internal sealed class ActivityEndpoints(ActivityRecorder recorder, ITables tables) : IFeature
{
    private const string Day = "day";

    public static readonly Operation<bool> Get = new(Audience.Operators, "get_activity", "GET /admin/activity", "What this process did in the last hour by the minute, or in the last day by the quarter of an hour")
    {
        OfInstallation = true,
        Read = static call => call.Query.OneOf("over", "hour: 60 minutes; day: 96 quarters of an hour. Absent: hour.", ["hour", Day]) == Day,
        Data = typeof(ActivityData),
        DataExample = """{"since":"2030-01-01T00:00:00.000000Z","step_seconds":60,"points":[{"at":"2030-01-01T00:59:00.000000Z","runs":120,"failed":1,"refused":2,"messages":40,"requests":300,"p50_ms":3.1,"p95_ms":8.4}],"refused_by_code":[{"code":"budget_exceeded","count":2}]}""",
    };

    public static readonly Operation<DaysRequest> Days = new(Audience.Operators, "list_days", "GET /admin/days", "What the tenant's payments came to, by UTC day: all, or those of one user, agent, campaign, service or provider")
    {
        Read = DaysRequest.Read,
        Data = typeof(DaysData),
        DataExample = """{"days":[{"day":"2030-01-01","payments":12,"amount_cents":24,"refunded_cents":0}]}""",
    };

    public void Map(Routes routes) => routes.Map(Get, GetActivity).Map(Days, ListDays);

    private Task<Reply> GetActivity(OperatorCall call, bool ofDay)
    {
        var (points, minutes) = ofDay ? (96, 15) : (60, 1);
        return Task.FromResult(Reply.Ok(new ActivityData(recorder.Since, minutes * 60, recorder.Points(points, minutes), [.. recorder.Refused(points * minutes).Select(static refused => new RefusedByCodeData(refused.Code, refused.Count))])));
    }

    private async Task<Reply> ListDays(OperatorCall call, DaysRequest asked)
    {
        var today = new DateTimeOffset(call.Now.UtcDateTime.Date, TimeSpan.Zero);
        var shown = new List<DayData>();
        await foreach (var (day, sums) in PaymentTotals.ByDay(tables, call.Tenant, today.AddDays(1 - asked.Days), today, asked.Of, call.Cancel))
        {
            shown.Add(new(DateOnly.FromDateTime(day.UtcDateTime), sums.Count, new(sums.AmountMicros), new(sums.ReturnedMicros)));
        }

        return Reply.Ok(new DaysData(shown));
    }
}

/// <param name="Of">Whose payments; null: all.</param>
internal sealed record DaysRequest(int Days, (string Column, string Value)? Of)
{
    public static DaysRequest Read(Call call)
    {
        var query = call.Query;
        var days = query.Days("days", "So many days up to today.", Limits.DaysShown, absent: 31);
        var named = PaymentTotals.Kept.Select(column => (Column: column, Value: query.Id(column, "Only its payments; one of these at most."))).Where(static one => one.Value is not null).ToList();
        if (named.Count > 1)
        {
            query.Violate(named[1].Column, "not", $"{named[0].Column} is named already, and sums are kept by one of them.");
        }

        return new(days, named is [var (column, value)] ? (column, value!) : null);
    }
}

/// <param name="Since">From when on this process has counted.</param>
internal sealed record ActivityData(DateTimeOffset Since, int StepSeconds, IReadOnlyList<ActivityPoint> Points, IReadOnlyList<RefusedByCodeData> RefusedByCode);

internal sealed record RefusedByCodeData(string Code, long Count);

internal sealed record DaysData(IReadOnlyList<DayData> Days);

internal sealed record DayData(DateOnly Day, long Payments, Cents AmountCents, Cents RefundedCents);
