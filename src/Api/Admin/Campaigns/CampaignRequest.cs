using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Admin.Services;
using Agora.Api.Admin.Users;
using Agora.Application.Operations;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;

namespace Agora.Api.Admin.Campaigns;

/// <summary>A campaign as it shall be: whole.</summary>
internal static class CampaignRequest
{
    private const int MaxRuns = 1_000_000;

    public static CampaignDefinition Read(Call call)
    {
        var body = call.Body;
        var definition = new CampaignDefinition(
            body.Text("sponsor", "As agents see it.", Limits.NameLength) ?? "",
            body.Id("owner", "Who is behind the sponsor.", required: false),
            Task(body.Object("task", "What is to be done for runs that the sponsor pays."), call.Findings),
            Services(body, call.Findings),
            [.. body.Entries("targeting", "Attribute: values, one of which the user must have; {}: everyone.", Limits.Attributes, static () => StringList.Schema)
                .Select(t => Rule(t.Name, t.Value, t.Path, call.Findings)).OfType<TargetingRule>()],
            body.Integer("runs_per_completion", "How many runs the sponsor pays for who has done the task.", 1, MaxRuns, absent: 1) ?? 1,
            body.Cents("max_cents_per_user", "The most it pays for one user's runs.", required: false),
            body.Cents("daily_cap_cents", "The most it pays for runs a day.", required: false),
            body.Integer("max_completions", "How often the task is taken.", 1, int.MaxValue, absent: int.MaxValue),
            body.Time("starts_at", "Absent: at once."),
            body.Time("ends_at", "Absent: never."),
            RewardMicros: body.Cents("reward_cents", "What a completed task earns its agent; absent: nothing.", required: false) ?? 0,
            PayoutDelaySeconds: body.Integer("payout_delay_seconds", "How long a reward can be disputed before it is paid.", 0, Limits.PayoutDelaySeconds, absent: 0) ?? 0,
            AllowRelated: body.Flag("allow_related", "Pay for services of the campaign's own owner too.", absent: false) ?? false,
            Active: body.Flag("active", "Whether agents see it.", absent: true) ?? true);
        if (definition.EndsAt <= definition.StartsAt)
        {
            body.Violate("ends_at", "minimum", "A campaign ends after it starts.");
        }

        return definition;
    }

    private static SponsorTask Task(Fields? task, Findings findings)
    {
        if (task is null) return new("", "", "", "true", [], []);

        var read = new SponsorTask(
            task.Text("name", "As agents see it.", Limits.NameLength) ?? "",
            task.Text("type", "What scopes allow.", Limits.NameLength) ?? "",
            task.Text("description", "What is to be done, as agents see it.", Limits.DescriptionLength, blank: true) ?? "",
            SchemaText.Read(task, "schema", "JSON Schema 2020-12 of the task's output, at most 64 KiB.", required: true, findings) ?? "true",
            task.Words("data_types", "What the task asks for.") ?? [],
            task.Words("consents", "What the user has to consent to.", ConsentSchema) ?? []);
        foreach (var _ in read.Consents.Where(consent => !ConsentTypes.All.Contains(consent, StringComparer.Ordinal)))
        {
            task.Violate("consents", "enum", $"Consents are of {string.Join(", ", ConsentTypes.All)}.");
        }

        task.Finish();
        return read;
    }

    private static JsonObject ConsentSchema() => Schemas.Distinct(Schemas.List(Schemas.OneOf(ConsentTypes.All), ConsentTypes.All.Count));

    private static List<SponsoredService> Services(Fields body, Findings findings)
    {
        var services = new List<SponsoredService>();
        foreach (var item in body.Objects("services", "What it pays for; empty: nothing but the reward.", Limits.CampaignServices))
        {
            var service = new SponsoredService(
                item.Id("service_id", "A service that the sponsor pays for.") ?? "", item.Cents("max_price_cents", "The most it pays for a run.", required: false));
            item.Finish();
            if (services.Any(s => s.ServiceId == service.ServiceId))
            {
                findings.Violate(item.At("service_id"), "uniqueItems", "The service stands here twice.");
            }

            services.Add(service);
        }

        return services;
    }

    private static TargetingRule? Rule(string attribute, JsonElement value, string path, Findings findings) =>
        StringList.Read(value, path, findings) is { } values ? new(attribute, values) : null;
}
