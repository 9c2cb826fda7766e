using System.Globalization;
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

    /// <summary>What the task asks for and this is not: everything at once, in the task's own terms.</summary>
    public void Check(CampaignEntry campaign, SchemaCache schemas, Findings findings)
    {
        if (Output is { } output)
        {
            findings.Violate(schemas.Violations(campaign.Definition.Task.Schema, output, "/output"));
        }

        var asked = campaign.Definition.Task.Consents;
        for (var i = 0; i < Consents.Count; i++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"/consents/{i}");
            if (!asked.Contains(Consents[i].Type, StringComparer.Ordinal))
            {
                findings.Violate($"{at}/type", "enum", "The task does not ask for this consent.");
            }
            else if (Consents.Take(i).Any(c => c.Type == Consents[i].Type))
            {
                findings.Violate($"{at}/type", "uniqueItems", "This consent stands here twice.");
            }
            else if (!Consents[i].Granted)
            {
                findings.Violate($"{at}/granted", "const", "The task cannot be completed without this consent.");
            }
        }

        foreach (var type in asked.Where(type => Consents.All(c => c.Type != type)))
        {
            findings.Violate("/consents", "contains", $"The task asks for the consent {type}.");
        }
    }
}
