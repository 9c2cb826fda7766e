using System.Text.Json;
using Agora.Api.Runs;
using Agora.Application.Flow;
using Agora.Application.Reading;
using Agora.Application.Sessions;
using Agora.Application.Values;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Users;
using Agora.Web;

namespace Agora.Api.Sessions;

internal sealed record ScopesData(
    IReadOnlyList<string> AllowedTaskTypes,
    IReadOnlyList<string> AllowedDataTypes,
    IReadOnlyList<string> AllowedCategories,
    IReadOnlyList<string> AllowedConsents,
    IReadOnlyList<string> AllowedPayees,
    IReadOnlyList<string> AllowedPeers,
    ModelLimitsData? ModelLimits,
    bool AskWhenSpent,
    Cents BudgetLimitCents) : IWrittenData
{
    public static ScopesData Of(Scopes scopes, long budgetLimitMicros) =>
        new(scopes.TaskTypes, scopes.DataTypes, scopes.Categories, scopes.Consents, scopes.Payees ?? [], scopes.Peers ?? [], ModelLimitsData.Of(scopes.Models), scopes.AskWhenSpent, new(budgetLimitMicros));

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Write("allowed_task_types", AllowedTaskTypes);
        writer.Write("allowed_data_types", AllowedDataTypes);
        writer.Write("allowed_categories", AllowedCategories);
        writer.Write("allowed_consents", AllowedConsents);
        writer.Write("allowed_payees", AllowedPayees);
        writer.Write("allowed_peers", AllowedPeers);
        if (ModelLimits is null)
        {
            writer.WriteNull("model_limits");
        }
        else
        {
            writer.Write("model_limits", ModelLimits);
        }

        writer.WriteBoolean("ask_when_spent", AskWhenSpent);
        writer.Write("budget_limit_cents", BudgetLimitCents);
        writer.WriteEndObject();
    }
}

/// <summary>What the session, and all below it, may have of models besides money; each null where nothing bounds it.</summary>
internal sealed record ModelLimitsData(long? Tokens, long? Calls, long? TokensPerMinute, long? CallsPerMinute) : IWrittenData
{
    public static ModelLimitsData? Of(ModelAllowance? models) => models is null ? null : new(models.Tokens, models.Calls, models.TokensPerMinute, models.CallsPerMinute);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        Write(writer, "tokens", Tokens);
        Write(writer, "calls", Calls);
        Write(writer, "tokens_per_minute", TokensPerMinute);
        Write(writer, "calls_per_minute", CallsPerMinute);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, long? number)
    {
        if (number is { } some)
        {
            writer.WriteNumber(name, some);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}

/// <summary>What the session, and all below it, has had of models.</summary>
internal sealed record ModelUseData(long Tokens, long HeldTokens, long Calls, long CallsUnderWay) : IWrittenData
{
    public static ModelUseData Of(ModelUse? use) => use is null ? new(0, 0, 0, 0) : new(use.Tokens, use.HeldTokens, use.Calls, use.HeldCalls);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("tokens", Tokens);
        writer.WriteNumber("held_tokens", HeldTokens);
        writer.WriteNumber("calls", Calls);
        writer.WriteNumber("calls_under_way", CallsUnderWay);
        writer.WriteEndObject();
    }
}

internal sealed record AuthData(
    string SessionId,
    string Token,
    string AgentId,
    string UserId,
    ScopesData Scopes,
    BudgetData Budget,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt)
{
    /// <summary>Budget and times are the session's own, as they are now.</summary>
    public static AuthData Of(OpenedSession session, string token) => new(
        session.SessionId, token, session.Opened.AgentId, session.Opened.UserId, ScopesData.Of(session.Opened.Scopes, session.Opened.BudgetLimitMicros), BudgetData.Of(session.Now.Budget), session.Now.CreatedAt, session.Now.ExpiresAt);
}

internal sealed record EndedData(string SessionId, DateTimeOffset RevokedAt);

internal sealed record FlowData(
    string Step,
    FlowSessionData Session,
    BudgetData Budget,
    ModelUseData ModelUse,
    IReadOnlyList<CompletedTaskData> CompletedTasks,
    IReadOnlyList<RunnableServiceData> RunnableServices,
    IReadOnlyList<RunSummaryData> Runs,
    DateTimeOffset? ProjectedAt,
    string? NotProjected) : IWrittenData
{
    public static FlowData Of(FlowStanding standing)
    {
        var (flow, session, projected) = (standing.Flow, standing.Flow.Session, standing.Flow.Projected);
        return new(
            Guide.Name(standing.Step),
            new(session.SessionId, session.AgentId, session.UserId, ScopesData.Of(session.Scopes, session.Budget.LimitMicros), session.CreatedAt, session.ExpiresAt),
            BudgetData.Of(session.Budget),
            ModelUseData.Of(session.ModelUse),
            [.. flow.Sponsorship.Completed.OrderBy(static done => done.CompletedAt).Take(Limits.StatusItems).Select(done => CompletedTaskData.Of(flow, done))],
            [.. standing.Offers.Select(static offer => new RunnableServiceData(
                offer.Service.ServiceId, new(offer.Service.Definition.PriceMicros), offer.Campaign?.CampaignId, offer.Campaign is null ? null : offer.RunsLeft))],
            [.. session.Runs.Select(RunSummaryData.Of)],
            projected.At,
            projected.Not);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("step", Step);
        writer.Write("session", Session);
        writer.Write("budget", Budget);
        writer.Write("model_use", ModelUse);
        writer.Write("completed_tasks", CompletedTasks);
        writer.Write("runnable_services", RunnableServices);
        writer.Write("runs", Runs);
        writer.Write("projected_at", ProjectedAt);
        writer.WriteString("not_projected", NotProjected);
        writer.WriteEndObject();
    }
}

internal sealed record FlowSessionData(string SessionId, string AgentId, string UserId, ScopesData Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt) : IWrittenData
{
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("session_id", SessionId);
        writer.WriteString("agent_id", AgentId);
        writer.WriteString("user_id", UserId);
        writer.Write("scopes", Scopes);
        writer.Write("created_at", CreatedAt);
        writer.Write("expires_at", ExpiresAt);
        writer.WriteEndObject();
    }
}

internal sealed record CompletedTaskData(string CampaignId, Guid CompletionId, DateTimeOffset CompletedAt, int RunsLeft) : IWrittenData
{
    public static CompletedTaskData Of(FlowState flow, CompletedCampaign done) => new(
        done.CampaignId, done.CompletionId, done.CompletedAt, flow.Catalogue.Campaign(done.CampaignId) is { } campaign ? flow.RunsLeft(campaign) : 0);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("campaign_id", CampaignId);
        writer.WriteString("completion_id", CompletionId);
        writer.Write("completed_at", CompletedAt);
        writer.WriteNumber("runs_left", RunsLeft);
        writer.WriteEndObject();
    }
}

/// <param name="RunsLeft">Null: it is free.</param>
internal sealed record RunnableServiceData(string ServiceId, Cents PriceCents, string? CampaignId, int? RunsLeft) : IWrittenData
{
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("service_id", ServiceId);
        writer.Write("price_cents", PriceCents);
        writer.WriteString("campaign_id", CampaignId);
        writer.Write("runs_left", RunsLeft);
        writer.WriteEndObject();
    }
}

internal sealed record ConsentsData(IReadOnlyList<ConsentData> Consents, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit);

internal sealed record ConsentData(string ConsentId, string CampaignId, string Type, string GrantedVia, DateTimeOffset GrantedAt, DateTimeOffset? WithdrawnAt)
{
    public static ConsentData Of(NamedRow row) => new(
        row.Text("consent_id"), row.Text("campaign_id"), row.Text("type"), row.Text("granted_via"), row.Time("granted_at"), row.OptionalTime("withdrawn_at"));
}

internal sealed record WithdrawnData(string ConsentId, string CampaignId, DateTimeOffset WithdrawnAt);
