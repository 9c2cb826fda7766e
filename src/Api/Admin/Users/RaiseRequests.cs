using Agora.Application.Operations;
using Agora.Core.Users;

namespace Agora.Api.Admin.Users;

/// <summary>The caps that shall be higher, whole: what is left out is not raised.</summary>
internal sealed record RaiseRequest(string UserId, CapRaise Raise, string Reason)
{
    public static RaiseRequest Read(Call call)
    {
        var (id, body) = (call.Id("user_id"), call.Body);
        var day = body.Cents("daily_cap_cents", "The most that all of the user's runs may cost a day meanwhile: above daily_cap_cents.", required: false);
        var month = body.Cents("monthly_cap_cents", "The most that they may cost a month meanwhile: above monthly_cap_cents.", required: false);
        return new(id, new(Until(body), day, month), AdminFlow.Reason(call));
    }

    public static DateTimeOffset Until(Fields body) => body.Time("until", "When the raise is over: at most 31 days from now.", required: true) ?? default;
}

internal sealed record GrantRaiseRequest(string UserId, string AgentId, GrantRaise Raise, string Reason)
{
    public static GrantRaiseRequest Read(Call call)
    {
        var (userId, agentId) = (call.Id("user_id"), call.Id("agent_id"));
        var total = call.Body.Cents("total_limit_cents", "The most that all sessions of the grant may cost together meanwhile: above total_limit_cents.") ?? 0;
        return new(userId, agentId, new(RaiseRequest.Until(call.Body), total), AdminFlow.Reason(call));
    }
}
