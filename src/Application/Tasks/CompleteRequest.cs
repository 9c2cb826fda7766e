using System.Text.Json;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Application.Tasks;

/// <summary>A task as it was done.</summary>
internal sealed record CompleteRequest(string CampaignId, JsonElement? Output, IReadOnlyList<ConsentGiven> Consents)
{
    public static CompleteRequest Read(Call call)
    {
        var campaignId = call.Id("campaign_id");
        var output = call.Body.Any("output", "What the task's own schema asks for.", required: true);
        var consents = new List<ConsentGiven>();
        foreach (var item in call.Body.Objects("consents", "Of the user: what the task asks for, in its order.", Limits.ListItems, required: false, asked: true))
        {
            var (type, granted) = (item.Text("type", "Of the consent.", Limits.NameLength), item.Flag("granted", "Only the user can mean it.", absent: null, required: true));
            item.Finish();
            if (type is not null && granted is { } given)
            {
                consents.Add(new(type, given));
            }
        }

        return new(campaignId, output, consents);
    }
}
