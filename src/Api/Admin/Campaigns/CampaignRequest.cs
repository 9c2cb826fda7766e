using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Admin.Services;
using Agora.Api.Admin.Users;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;

namespace Agora.Api.Admin.Campaigns;

/// <summary>Body of PUT /admin/campaigns/{campaign_id}: whole.</summary>
internal static class CampaignRequest
{
    public static JsonObject Schema => BodySchemas.Closed(["sponsor", "task", "services"], new()
    {
        ["sponsor"] = BodySchemas.Text(Limits.NameLength),
        ["owner"] = BodySchemas.Id("Who is behind the sponsor."),
        ["task"] = BodySchemas.Closed(["name", "type", "description", "schema"], new()
        {
            ["name"] = BodySchemas.Text(Limits.NameLength),
            ["type"] = BodySchemas.Text(Limits.NameLength),
            ["description"] = BodySchemas.Text(Limits.DescriptionLength, minLength: 0),
            ["schema"] = new JsonObject { ["type"] = new JsonArray("object", "boolean"), ["description"] = "JSON Schema 2020-12 of the task's output, at most 64 KiB." },
            ["data_types"] = BodySchemas.Words("What the task asks for."),
            ["consents"] = BodySchemas.List(new() { ["enum"] = new JsonArray([.. ConsentTypes.All.Select(t => JsonValue.Create(t))]) }, ConsentTypes.All.Count),
        }),
        ["services"] = BodySchemas.List(
            BodySchemas.Closed(["service_id"], new() { ["service_id"] = BodySchemas.Id("A service that the sponsor pays for."), ["max_price_cents"] = BodySchemas.Cents("The most it pays for a run.") }),
            Limits.CampaignServices),
        ["targeting"] = new JsonObject
        {
            ["type"] = "object",
            ["maxProperties"] = Limits.Attributes,
            ["additionalProperties"] = BodySchemas.List(BodySchemas.Text(Limits.NameLength), Limits.AttributeValues),
            ["description"] = "Attribute: values, one of which the user must have; {}: everyone.",
        },
        ["runs_per_completion"] = BodySchemas.Integer(1, MaxRuns, 1),
        ["max_cents_per_user"] = BodySchemas.Cents("The most it pays for one user's runs."),
        ["daily_cap_cents"] = BodySchemas.Cents("The most it pays for runs a day."),
        ["max_completions"] = BodySchemas.Integer(1, int.MaxValue, int.MaxValue),
        ["starts_at"] = BodySchemas.Time("Absent: at once."),
        ["ends_at"] = BodySchemas.Time("Absent: never."),
        ["reward_cents"] = BodySchemas.Cents("What a completed task earns its agent; absent: nothing."),
        ["payout_delay_seconds"] = BodySchemas.Integer(0, Limits.PayoutDelaySeconds, 0),
        ["allow_related"] = new JsonObject { ["type"] = "boolean", ["default"] = false, ["description"] = "Pay for services of the campaign's own owner too." },
        ["active"] = new JsonObject { ["type"] = "boolean", ["default"] = true },
    });

    private const int MaxRuns = 1_000_000;

    public static CampaignDefinition Read(Fields body, Findings findings)
    {
        var definition = new CampaignDefinition(
            body.Text("sponsor", Limits.NameLength) ?? "",
            body.Id("owner", required: false),
            Task(body.Object("task"), findings),
            Services(body, findings),
            [.. body.Entries("targeting", Limits.Attributes, required: false).Select(t => Rule(t.Name, t.Value, t.Path, body, findings)).OfType<TargetingRule>()],
            body.Integer("runs_per_completion", 1, MaxRuns) ?? 1,
            body.Cents("max_cents_per_user", required: false),
            body.Cents("daily_cap_cents", required: false),
            body.Integer("max_completions", 1, int.MaxValue),
            body.Time("starts_at"),
            body.Time("ends_at"),
            body.Flag("active") ?? true,
            body.Cents("reward_cents", required: false) ?? 0,
            body.Integer("payout_delay_seconds", 0, Limits.PayoutDelaySeconds) ?? 0,
            body.Flag("allow_related") ?? false);
        if (definition.EndsAt <= definition.StartsAt)
        {
            body.Violate("ends_at", "minimum", "A campaign ends after it starts.");
        }

        body.Finish();
        return definition;
    }

    private static SponsorTask Task(Fields? task, Findings findings)
    {
        if (task is null)
        {
            return new("", "", "", "true", [], []);
        }

        var consents = task.Words("consents", required: false) ?? [];
        for (var i = 0; i < consents.Count; i++)
        {
            if (!ConsentTypes.All.Contains(consents[i], StringComparer.Ordinal))
            {
                task.Violate("consents", "enum", $"Consents are of {string.Join(", ", ConsentTypes.All)}.");
            }
        }

        var read = new SponsorTask(
            task.Text("name", Limits.NameLength) ?? "",
            task.Text("type", Limits.NameLength) ?? "",
            task.Text("description", Limits.DescriptionLength, blank: true) ?? "",
            SchemaText.Read(task, "schema", required: true, findings) ?? "true",
            task.Words("data_types", required: false) ?? [],
            consents);
        task.Finish();
        return read;
    }

    private static List<SponsoredService> Services(Fields body, Findings findings)
    {
        var services = new List<SponsoredService>();
        foreach (var item in body.Objects("services", Limits.CampaignServices))
        {
            var service = new SponsoredService(item.Id("service_id") ?? "", item.Cents("max_price_cents", required: false));
            item.Finish();
            if (services.Any(s => s.ServiceId == service.ServiceId))
            {
                findings.Violate(item.At("service_id"), "uniqueItems", "The service stands here twice.");
            }

            services.Add(service);
        }

        return services;
    }

    private static TargetingRule? Rule(string attribute, JsonElement value, string path, Fields body, Findings findings) =>
        StringList.Read(value, path, Limits.AttributeValues, body, findings) is { } values ? new(attribute, values) : null;
}
