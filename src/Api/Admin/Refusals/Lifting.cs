using System.Text.Json.Nodes;
using Agora.Api.Admin.Campaigns;
using Agora.Api.Admin.Headroom;
using Agora.Api.Admin.Sessions;
using Agora.Api.Admin.Users;
using Agora.Api.Admin.Wallets;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Api.Admin.Refusals;

/// <summary>Operators' acts that lift what refused a run, with bodies of which the same run would pass: the least that is enough, for an hour where it ends by itself.</summary>
internal static class Lifting
{
    private static readonly TimeSpan Raised = TimeSpan.FromHours(1);

    /// <param name="grant">That says how much the session, or a run without the user's word, may spend; null: none does.</param>
    public static IReadOnlyList<NextAction> Of(RefusalRowData refused, LimitData? now, GrantView? grant, DateTimeOffset at) => (refused.Code, refused.Node?.Kind, refused.Limit) switch
    {
        (Codes.SessionSuspended, _, _) => [Act(SessionAdminEndpoints.Resume, [refused.SessionId], "Let the agent act for this user again.")],
        (Codes.GrantExceeded, _, _) => [Act(UserEndpoints.PutGrant, [refused.UserId, refused.AgentId], "Say what this user lets the agent spend.")],
        (_, "user", "daily_cap" or "monthly_cap") when Enough(refused, now) is { } cents =>
            [Act(RaiseEndpoints.Put, [refused.UserId], "Raise the cap for an hour, by just what this run asks for.", ($"{refused.Limit}_cents", cents), ("until", Until(at)))],
        (_, "user", _) => [Act(UserEndpoints.Patch, [refused.UserId], "Change the user's caps.")],
        (_, "grant", "grant_total") when Enough(refused, now) is { } cents =>
            [Act(RaiseEndpoints.PutOfGrant, [refused.UserId, refused.Node!.Id], "Raise the grant's total for an hour, by just what this run asks for.", ("total_limit_cents", cents), ("until", Until(at)))],
        (_, "grant", "approval") when refused.AskedCents is { } asked && grant is not null =>
            [Act(UserEndpoints.PatchGrant, [refused.UserId, grant.AgentId], "Let the agent spend what this run asks for without the user's approval.", ("require_approval_above_cents", Cents(asked.Micros)))],
        (_, "session", "session") => EnoughMicros(refused, now) is { } whole && whole > grant?.Grant.BudgetLimitMicros
            ? [Act(UserEndpoints.PatchGrant, [refused.UserId, grant.AgentId], "Let each session of this grant spend what this run wanted. This one keeps its budget: the agent opens another.", ("scopes", new JsonObject { ["budget_limit_cents"] = Cents(whole) }))]
            : [],
        (_, "grant", _) => [Act(UserEndpoints.PatchGrant, [refused.UserId, refused.Node!.Id], "Change what this user lets the agent spend.")],
        (_, "campaign", "daily_cap") => [Act(CampaignEndpoints.Patch, [refused.Node!.Id], "Raise the campaign's cap of a day.", Or("daily_cap_cents", Enough(refused, now)))],
        (_, "campaign", "escrow") => [Act(CampaignEndpoints.Fund, [refused.Node!.Id], "Put money into the campaign.", Or("amount_cents", Missing(refused, now)))],
        (_, "wallet", _) => [Act(WalletAdminEndpoints.Deposit, [refused.Node!.Id], "Put money into the wallet.", Or("amount_cents", Missing(refused, now)))],
        _ => [],
    };

    private static JsonNode Until(DateTimeOffset at) => (at + Raised).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A limit under which all that is spent and held, and this run, fit.</summary>
    private static JsonNode? Enough(RefusalRowData refused, LimitData? now) => EnoughMicros(refused, now) is { } micros ? Cents(micros) : null;

    private static long? EnoughMicros(RefusalRowData refused, LimitData? now) => refused.AskedCents is { } asked && now is not null ? now.SpentCents.Micros + now.HeldCents.Micros + asked.Micros : null;

    private static JsonNode? Missing(RefusalRowData refused, LimitData? now) => refused.AskedCents is { } asked && now?.FreeCents is { } free && free.Micros < asked.Micros ? Cents(asked.Micros - free.Micros) : null;

    private static JsonNode Cents(long micros) => (decimal)micros / Money.MicrosPerCent;

    private static (string Name, JsonNode? Value) Or(string name, JsonNode? value) => (name, value);

    private static NextAction Act(Operation operation, IEnumerable<string> ids, string description, params IReadOnlyList<(string Name, JsonNode? Value)> members)
    {
        var body = new JsonObject(members.Where(static member => member.Value is not null).Select(static member => KeyValuePair.Create(member.Name, member.Value)));
        return NextAction.Of(operation, ids) with { Description = description, Body = body.Count == 0 ? null : RawJson.Of(body.ToJsonString(ApiJson.Options)) };
    }
}
