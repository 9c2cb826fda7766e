using Agora.Api.Desk;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Web;

namespace Agora.Api.Admin.Users;

/// <summary>What the person does whose money agents spend: lowers caps, looks at consents, and comes in by a link that an operator passes on.</summary>
internal sealed class OwnUserEndpoints(IEntities entities, TableReader tables, UserLinks links) : IFeature
{
    public static readonly Operation<LowerRequest> Lower = new(Audience.Operators, "lower_caps", "POST /admin/users/{user_id}/lower", "Lower a user's caps: what is named becomes lower, or nothing is changed")
    {
        Owners = Role.User,
        Read = LowerRequest.Read,
        Data = typeof(CapsData),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"daily_cap_cents":100,"reason":"It is enough"}""",
        DataExample = """{"user_id":"user-1","daily_cap_cents":100,"monthly_cap_cents":null}""",
    };

    public static readonly Operation<string> Consents = new(Audience.Operators, "list_consents_of", "GET /admin/users/{user_id}/consents", "What was consented to in a user's name, newest first, and what of it was withdrawn; the last hundred")
    {
        Owners = Role.User,
        Read = static call => call.Id("user_id"),
        Data = typeof(ConsentsOfData),
        DataExample = """{"consents":[{"consent_id":"c-1","type":"data_sharing","campaign_id":"survey","session_id":"0198c0de","granted_via":"agent","granted_at":"2030-01-01T00:00:00.000000Z","withdrawn_at":null}]}""",
    };

    public static readonly Operation<(string UserId, int Seconds)> Link = new(Audience.Operators, "link_user", "POST /admin/users/{user_id}/link", "Make a link by which the user sees, and stops, what is spent in its name; whoever has it is taken for the user")
    {
        GivesSecret = true,
        Least = Role.Admin, // whoever has it may erase the user
        Read = static call => (call.Id("user_id"), call.Body.Integer("expires_in_seconds", "How long it opens the user's pages.", 60, Limits.UserLinkSeconds, absent: Limits.UserLinkSecondsDefault) ?? Limits.UserLinkSecondsDefault),
        Data = typeof(UserLinkData),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"expires_in_seconds":86400}""",
        DataExample = """{"user_id":"user-1","link":"https://agora.example/console/enter/aul_user-1.0.1893542400.3q2-7w","expires_at":"2030-01-02T00:00:00.000000Z"}""",
    };

    public static readonly Operation<string> End = new(Audience.Operators, "end_links", "DELETE /admin/users/{user_id}/link", "End every link to a user's pages, and every sign-in by one")
    {
        Owners = Role.User,
        Read = static call => call.Id("user_id"),
        Data = typeof(EndedLinksData),
        Codes = AdminFlow.Mutation,
        DataExample = """{"user_id":"user-1","ended_at":"2030-01-01T00:00:00.000000Z"}""",
    };

    public void Map(Routes routes) => routes.Map(Lower, LowerCaps).Map(Consents, ListConsents).Map(Link, MakeLink).Map(End, EndLinks);

    private async Task<Reply> LowerCaps(OperatorCall call, LowerRequest asked)
    {
        var user = entities.In(call.Tenant).User(asked.UserId);
        if (call.IsKeyed && await user.Outcome(call.Context) is { } known) return Shown(asked.UserId, known);

        for (var round = 0; round < Limits.MergesAtMost; round++)
        {
            var answer = await user.Send(new UserCommand.Get(), call.Fresh());
            if (answer.Reply is not UserView view) return Reply.Refused(answer.Rejection!);
            if (asked.Above(view) is { } higher) return Reply.Refused(higher);

            var put = new UserCommand.PutUser(
                view.Profile ?? Personal.Of(new Profile([], null)), asked.DailyCapMicros ?? view.DailyCapMicros, asked.MonthlyCapMicros ?? view.MonthlyCapMicros, new(Precondition.IsStill(view.Etag)), view.Parts);
            answer = await user.Send(put, call.Context);
            if (answer.Rejection?.Code != Codes.PreconditionFailed) return Shown(asked.UserId, answer);
        }

        return Reply.Refused(new(Codes.Unavailable, "Others change this user all the time; nothing was changed. Try again.", RetryAfterSeconds: 1, Retry: true));
    }

    private static Reply Shown(string userId, Answer answer)
    {
        if (answer.Rejection is { } refusal) return Reply.Refused(refusal);

        var view = Found.Put<UserView>(answer);
        return Reply.Ok(new CapsData(userId, Cents.Of(view.DailyCapMicros), Cents.Of(view.MonthlyCapMicros))) with { Replayed = answer.Replayed };
    }

    private async Task<Reply> ListConsents(OperatorCall call, string userId) => await tables.In(call.Tenant).One(UserTables.Users, call.Cancel, TableReader.Is("user_id", userId)) is null ? Reply.Refused(UserRejection.NotFound) : Reply.Ok(new ConsentsOfData(
        [.. (await tables.In(call.Tenant).First(UserTables.Consents, [new("granted_at", Descending: true)], [TableReader.Is("user_id", userId)], Limits.PageMax, call.Cancel)).Select(ConsentOfData.Of)]));

    private Task<Reply> MakeLink(OperatorCall call, (string UserId, int Seconds) asked) => call.Send<UserCommand, UserLinked>(
        entities.In(call.Tenant).User(asked.UserId), new UserCommand.MakeLink(asked.Seconds), made => new UserLinkData(made.UserId, links.Make(call.Tenant, made), made.Until));

    private Task<Reply> EndLinks(OperatorCall call, string userId) => call.Send<UserCommand, UserLinksEnded>(
        entities.In(call.Tenant).User(userId), new UserCommand.EndLinks(), ended => new EndedLinksData(ended.UserId, ended.EndedAt));
}

internal sealed record LowerRequest(string UserId, long? DailyCapMicros, long? MonthlyCapMicros)
{
    public static LowerRequest Read(Call call)
    {
        var (id, body) = (call.Id("user_id"), call.Body);
        var (day, month) = (body.Cents("daily_cap_cents", "The most that all of the user's runs may cost a day from now on: below what it is.", required: false), body.Cents("monthly_cap_cents", "The most that they may cost a month: below what it is.", required: false));
        body.Text("reason", "Why, for whoever looks at it later.", Limits.ReasonLength, required: false);
        return new(id, day, month);
    }

    /// <summary>Null: nothing is higher than it was.</summary>
    public Rejection? Above(UserView now) =>
        DailyCapMicros > now.DailyCapMicros ? Findings.Invalid("/daily_cap_cents", "maximum", "It is above what it is now.")
        : MonthlyCapMicros > now.MonthlyCapMicros ? Findings.Invalid("/monthly_cap_cents", "maximum", "It is above what it is now.")
        : null;
}

internal sealed record CapsData(string UserId, Cents? DailyCapCents, Cents? MonthlyCapCents);

internal sealed record ConsentsOfData(IReadOnlyList<ConsentOfData> Consents);

internal sealed record ConsentOfData(string ConsentId, string Type, string CampaignId, string SessionId, string GrantedVia, DateTimeOffset GrantedAt, DateTimeOffset? WithdrawnAt)
{
    public static ConsentOfData Of(NamedRow row) => new(
        row.Text("consent_id"), row.Text("type"), row.Text("campaign_id"), row.Text("session_id"), row.Text("granted_via"), row.Time("granted_at"), row.OptionalTime("withdrawn_at"));
}

internal sealed record UserLinkData(string UserId, string Link, DateTimeOffset ExpiresAt);

internal sealed record EndedLinksData(string UserId, DateTimeOffset EndedAt);
