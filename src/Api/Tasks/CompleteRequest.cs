using System.Text.Json;
using Agora.Api.Catalogue;
using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Api.Tasks;

/// <summary>Body of POST /agent/tasks/{campaign_id}/complete.</summary>
internal sealed record CompleteRequest(JsonElement? Output, IReadOnlyList<ConsentGiven> Consents)
{
    public static CompleteRequest Read(Fields body)
    {
        var output = body.Any("output", required: true);
        var consents = new List<ConsentGiven>();
        foreach (var item in body.Objects("consents", Limits.ListItems, required: false))
        {
            var (type, granted) = (item.Text("type", Limits.NameLength), item.Flag("granted", required: true));
            item.Finish();
            if (type is not null && granted is { } given)
            {
                consents.Add(new(type, given));
            }
        }

        body.Finish();
        return new(output, consents);
    }

    /// <summary>The output against the task's schema. Consents are the session's to check: it knows what the task asks for too.</summary>
    public void Check(CampaignEntry campaign, SchemaCache schemas, Findings findings)
    {
        if (Output is { } output)
        {
            findings.Violate(schemas.Violations(campaign.Definition.Task.Schema, output, "/output"));
        }
    }
}
