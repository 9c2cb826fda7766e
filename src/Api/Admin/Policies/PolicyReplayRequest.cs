using System.Text.Json.Nodes;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Replay;

namespace Agora.Api.Admin.Policies;

/// <summary>Body of POST /admin/policies/replay.</summary>
internal static class PolicyReplayRequest
{
    private const string OfNoAgent = "A user's caps hold for all of its agents; a change of them names none.";
    private static readonly string[] Limited = ["daily_cap_cents", "monthly_cap_cents", "total_limit_cents", "budget_limit_cents", "allowed_categories"];

    public static JsonObject Schema => BodySchemas.Closed(["from", "to", "changes"], new()
    {
        ["from"] = BodySchemas.Time("What was decided from this time on is decided anew."),
        ["to"] = BodySchemas.Time("Before this time."),
        ["changes"] = Changes,
        ["first_user_id"] = BodySchemas.Id("Goes on where a truncated replay stopped: its next_user_id."),
        ["offset"] = BodySchemas.Integer(0, Limits.ReplayOffsetMax, 0),
        ["limit"] = BodySchemas.Integer(1, Limits.PageMax, Limits.PageDefault),
    });

    private static JsonObject Changes
    {
        get
        {
            var change = BodySchemas.Closed([], new()
            {
                ["user_id"] = BodySchemas.Id("Whom it concerns; absent: every user."),
                ["agent_id"] = BodySchemas.Id("Whom it concerns; absent: every agent."),
                ["daily_cap_cents"] = BodySchemas.Cents("Of the user."),
                ["monthly_cap_cents"] = BodySchemas.Cents("Of the user."),
                ["total_limit_cents"] = BodySchemas.Cents("Of the grant."),
                ["budget_limit_cents"] = BodySchemas.Cents("Of each session."),
                ["allowed_categories"] = BodySchemas.Words("Of services; empty: none; [\"*\"]: all that were allowed."),
            });
            change["anyOf"] = new JsonArray([.. Limited.Select(name => (JsonNode)new JsonObject { ["required"] = new JsonArray(name) })]);
            change["dependentSchemas"] = new JsonObject
            {
                ["agent_id"] = new JsonObject { ["properties"] = new JsonObject { ["daily_cap_cents"] = false, ["monthly_cap_cents"] = false }, ["description"] = OfNoAgent },
            };
            var changes = BodySchemas.List(change, Limits.PolicyChanges);
            changes["minItems"] = 1;
            changes["description"] = "A change never widens: the smaller of the recorded and the changed limit applies, and of scopes what both allow.";
            return changes;
        }
    }

    public static ReplayRequest Read(Fields body)
    {
        var (from, to) = (body.Time("from", required: true), body.Time("to", required: true));
        var changes = body.Objects("changes", Limits.PolicyChanges);
        if (body.IsPresent("changes") && changes.Count == 0)
        {
            body.Violate("changes", "minItems", $"From 1 to {Limits.PolicyChanges} changes are wanted here.");
        }

        if (from >= to)
        {
            body.Violate("to", "minimum", "to is not after from.");
        }

        var request = new ReplayRequest(
            from ?? default,
            to ?? default,
            [.. changes.Select(Change)],
            body.Id("first_user_id", required: false),
            body.Integer("offset", 0, Limits.ReplayOffsetMax) ?? 0,
            body.Integer("limit", 1, Limits.PageMax) ?? Limits.PageDefault);
        body.Finish();
        return request;
    }

    private static PolicyChange Change(Fields change)
    {
        var read = new PolicyChange(
            change.Id("user_id", required: false),
            change.Id("agent_id", required: false),
            change.Cents("daily_cap_cents", required: false),
            change.Cents("monthly_cap_cents", required: false),
            change.Cents("total_limit_cents", required: false),
            change.Cents("budget_limit_cents", required: false),
            change.Words("allowed_categories", required: false));
        if (!Limited.Any(change.IsPresent))
        {
            change.Violate(Limited[0], "anyOf", $"A change has at least one of {string.Join(", ", Limited)}.");
        }

        if (change.IsPresent("agent_id") && Limited[..2].FirstOrDefault(change.IsPresent) is { } cap)
        {
            change.Violate(cap, "dependentSchemas", OfNoAgent);
        }

        change.Finish();
        return read;
    }
}
