using Agora.Application.Values;
using Agora.Core.Users;

namespace Agora.Api.Admin.Users;

internal sealed record UserRaiseData(string UserId, Cents? DailyCapCents, Cents? MonthlyCapCents, DateTimeOffset Until)
{
    public static UserRaiseData Of(string userId, CapRaise raise) => new(userId, Cents.Of(raise.DailyCapMicros), Cents.Of(raise.MonthlyCapMicros), raise.Until);
}

internal sealed record GrantRaiseData(string UserId, string AgentId, Cents TotalLimitCents, DateTimeOffset Until)
{
    public static GrantRaiseData Of(string userId, string agentId, GrantRaise raise) => new(userId, agentId, new(raise.TotalLimitMicros), raise.Until);
}

internal sealed record EndedRaiseData(string UserId);

internal sealed record EndedGrantRaiseData(string UserId, string AgentId);
