using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Core.Runs;

namespace Agora.Application.Runs;

/// <summary>A run that is asked for.</summary>
internal sealed record RunRequest(string ServiceId, JsonElement? Input, string? CampaignId, long? MaxPriceMicros, PayWith? PayWith)
{
    /// <summary>The caller says how much the run may cost at most, though perhaps in a wrong form.</summary>
    public bool HasMaxPrice { get => MaxPriceMicros is not null || field; init; }

    private static readonly string[] Payers = ["sponsor", "wallet", "x402"];

    public static RunRequest Read(Call call)
    {
        var (body, id) = (call.Body, call.Id("service_id"));
        var request = new RunRequest(
            id,
            body.Any("input", "What the service is given; its own schema says what.", required: true),
            body.Id("campaign_id", "The campaign that must pay; absent: the first that can.", required: false),
            body.Cents("max_price_cents", "Refuse the run when it costs more. Where it is given and no sponsor pays, the agent's wallet does.", required: false),
            Payer(body.OneOf("pay_with", "Who pays; absent: sponsors first, then the agent's wallet, then x402.", Payers))) { HasMaxPrice = body.IsPresent("max_price_cents") };
        body.Finish();
        body.Rule(OwnMoney);
        if (request is { PayWith: Core.Runs.PayWith.Wallet or Core.Runs.PayWith.X402, HasMaxPrice: false })
        {
            body.Violate("max_price_cents", "required", "Whoever pays with a wallet, or by x402, says how much it may be at most.");
        }

        if (request is { PayWith: not null and not Core.Runs.PayWith.Sponsor, CampaignId: not null })
        {
            body.Violate("campaign_id", "not", "A campaign pays as a sponsor only.");
        }

        return request;
    }

    /// <summary>Whoever pays itself says how much it may be, and names no campaign.</summary>
    private static void OwnMoney(JsonObject schema)
    {
        schema["if"] = JsonNode.Parse("""{"properties":{"pay_with":{"not":{"const":"sponsor"}}},"required":["pay_with"]}""");
        schema["then"] = JsonNode.Parse("""{"properties":{"campaign_id":false,"max_price_cents":true},"required":["max_price_cents"]}""");
    }

    private static PayWith? Payer(string? name) => name switch
    {
        "sponsor" => Core.Runs.PayWith.Sponsor,
        "wallet" => Core.Runs.PayWith.Wallet,
        "x402" => Core.Runs.PayWith.X402,
        _ => null,
    };
}
