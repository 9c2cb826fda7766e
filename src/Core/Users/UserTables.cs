using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>
/// Query tables of which a user's stream owns the rows. No personal value is in any of them: a task's output is read from the
/// journal, where it is sealed, in this user's stream under the completion's <c>output_command</c>.
/// </summary>
public static class UserTables
{
    public static readonly Table Users = new("users", 2, "tenant", "user_id", "has_profile", "daily_cap_micros", "monthly_cap_micros", "erased", "updated_at", "paused");

    public static readonly Table Sessions = new("sessions", 2, "tenant", "session_id", "user_id", "agent_id", "budget_limit_micros", "created_at", "expires_at", "closed_at", "parent_session_id", "depth", "scopes");

    public static readonly Table Completions = new(
        "completions", 2, "tenant", "completion_id", "campaign_id", "user_id", "session_id", "agent_id", "execution_mode", "completed_at", "consents", "consent_valid", "output_command");

    /// <summary>Written when the task is claimed, so there can be a row for a completion that the campaign refused.</summary>
    public static readonly Table TaskOutlines = new("task_outlines", 2, "tenant", "completion_id", "task_name", "details") { IsWrittenOnce = true };

    public static readonly Table Consents = new(
        "user_consents", 2, "tenant", "consent_id", "user_id", "session_id", "campaign_id", "type", "granted_via", "granted_at", "withdrawn_at");

    public static IReadOnlyList<Table> All { get; } = [Users, Sessions, Completions, TaskOutlines, Consents];

    public static IEnumerable<Row> Rows(UserState state, UserEvent happened, DateTimeOffset at) => happened switch
    {
        UserEvent.UserPut or UserEvent.UserVouched or UserEvent.PersonalDataErased or UserEvent.UserPaused or UserEvent.UserUnpaused => [User(state, at)],
        UserEvent.SessionOpened e => [Session(state, e.Session, null)],
        UserEvent.OpeningRefused e => [Session(state, e.Session, at)],
        UserEvent.SessionClosed e => [Session(state, e.Session, e.EndedAt ?? at)],
        UserEvent.TaskClaimed { Outline: { } outline } e => [TaskOutlines.Row(state.Stream.Tenant, e.CompletionId.ToString(), outline.Name, DetailsOf(outline))],
        UserEvent.TaskCompleted e => [Completion(state, state.Completions[e.Done.CampaignId]), .. ConsentsOf(state, state.Completions[e.Done.CampaignId], null)],
        UserEvent.ConsentWithdrawn e => [Completion(state, state.Completions[e.CampaignId]), .. ConsentsOf(state, state.Completions[e.CampaignId], e.ConsentId)],
        _ => [],
    };

    private static Row User(UserState state, DateTimeOffset at) => Users.Row(
        state.Stream.Tenant, state.Stream.Id, Flag(state.Profile is not null), state.DailyCapMicros, state.MonthlyCapMicros, Flag(state.ErasedAt is not null), at.ToMicros(), Flag(state.Pause.IsSuspended(at)));

    private static Row Session(UserState state, SessionOpened session, DateTimeOffset? closedAt) => Sessions.Row(
        state.Stream.Tenant, session.SessionId, session.UserId, session.AgentId, session.BudgetLimitMicros, session.CreatedAt.ToMicros(), session.ExpiresAt.ToMicros(), closedAt?.ToMicros(),
        session.ParentSessionId, (long)session.Depth, JsonSerializer.Serialize(session.Scopes, StoredJson.Options));

    private static Row Completion(UserState state, Completion done) => Completions.Row(
        state.Stream.Tenant,
        done.CompletionId.ToString(),
        done.CampaignId,
        state.Stream.Id,
        done.SessionId,
        done.AgentId,
        done.GrantedVia == Vias.Human ? Vias.Human : Vias.Agent, // who did it is who gave the consents
        done.CompletedAt.ToMicros(),
        JsonSerializer.Serialize(done.Consents, StoredJson.Options),
        Flag(done.Consented),
        done.CommandId.ToString());

    private static string DetailsOf(TaskOutline outline) =>
        new JsonObject { ["members"] = new JsonArray([.. outline.Members.Select(static name => (JsonNode)name)]), ["schema_sha256"] = outline.SchemaSha256 }.ToJsonString(StoredJson.Options);

    /// <param name="only">One of them; null: all.</param>
    private static IEnumerable<Row> ConsentsOf(UserState state, Completion done, string? only) => done.Consents
        .Where(c => only is null || c.ConsentId == only)
        .Select(c => Consents.Row(
            state.Stream.Tenant, c.ConsentId, state.Stream.Id, done.SessionId, done.CampaignId, c.Type, done.GrantedVia, c.GrantedAt.ToMicros(), c.WithdrawnAt?.ToMicros()));

    private static object Flag(bool value) => value ? 1L : 0L;
}
