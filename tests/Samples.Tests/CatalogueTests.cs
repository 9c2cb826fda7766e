using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Agora.Samples.Agent;
using Agora.Samples.TextService;

namespace Agora.Samples.Tests;

/// <summary>The catalogue is data that the admin routes must take as it is: members, ids, references and money are held here.</summary>
public sealed partial class CatalogueTests
{
    private static readonly JsonNode Catalogue = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "catalogue.json")))!;

    private static readonly string[] ServiceMembers =
        ["name", "description", "category", "price_cents", "endpoint", "provider", "owner", "input_schema", "output_schema", "auth", "timeout_ms", "active"];

    private static readonly string[] CampaignMembers =
        ["sponsor", "owner", "task", "services", "targeting", "runs_per_completion", "max_cents_per_user", "daily_cap_cents", "max_completions", "starts_at", "ends_at", "reward_cents", "payout_delay_seconds", "allow_related", "active"];

    private static readonly string[] TaskMembers = ["name", "type", "description", "schema", "data_types", "consents"];

    [Fact]
    public void Services_and_campaigns_hold_only_members_of_their_routes()
    {
        Assert.All(Services(), service =>
        {
            Assert.Equal(["service_id", "put"], Names(service));
            Assert.Matches(Id(), (string)service["service_id"]!);
            Assert.Empty(Names(service["put"]!).Except(ServiceMembers));
            Assert.InRange((int)service["put"]!["timeout_ms"]!, 1, 20_000);
        });
        Assert.All(Campaigns(), campaign =>
        {
            Assert.Equal(["campaign_id", "fund_cents", "put"], Names(campaign));
            Assert.Matches(Id(), (string)campaign["campaign_id"]!);
            Assert.Empty(Names(campaign["put"]!).Except(CampaignMembers));
            Assert.Equal(TaskMembers, Names(campaign["put"]!["task"]!));
            Assert.Empty(Strings(campaign["put"]!["task"]!["consents"]).Except(["data_sharing", "contact", "retention"]));
        });
    }

    [Fact]
    public void Ids_are_unique()
    {
        Assert.Distinct(Services().Select(service => (string)service["service_id"]!));
        Assert.Distinct(Campaigns().Select(campaign => (string)campaign["campaign_id"]!));
    }

    [Fact]
    public void Campaigns_pay_only_for_services_that_exist_at_prices_and_funds_that_suffice()
    {
        var prices = Services().ToDictionary(service => (string)service["service_id"]!, service => (decimal)service["put"]!["price_cents"]!);
        Assert.All(Campaigns().SelectMany(campaign => campaign["put"]!["services"]!.AsArray().Select(service => (Campaign: campaign, Service: service!))), pair =>
        {
            var price = prices[(string)pair.Service["service_id"]!];
            Assert.True(price <= ((decimal?)pair.Service["max_price_cents"] ?? price));
            Assert.True(price * 100 <= (decimal)pair.Campaign["fund_cents"]!);
            Assert.True(price <= ((decimal?)pair.Campaign["put"]!["max_cents_per_user"] ?? price));
        });
    }

    [Fact]
    public void At_least_one_campaign_is_open_to_everyone_for_ever() =>
        Assert.Contains(Campaigns(), campaign => campaign["put"]!["targeting"]!.AsObject().Count == 0 && campaign["put"]!["ends_at"] is null);

    [Fact]
    public async Task Each_service_answers_a_generated_input_with_what_its_output_schema_requires()
    {
        await using var text = await TextServiceApp.Start();
        using var http = new HttpClient();
        foreach (var put in Services().Select(service => service["put"]!))
        {
            var endpoint = ((string)put["endpoint"]!).Replace("{TEXT_SERVICE}", text.Address.ToString().TrimEnd('/'), StringComparison.Ordinal);
            var response = await http.PostAsJsonAsync(endpoint, new BodyWriter([]).Write(put["input_schema"], null));
            response.EnsureSuccessStatusCode();
            var output = (await response.Content.ReadFromJsonAsync<JsonObject>())!;

            var schema = put["output_schema"]!;
            Assert.Empty(Strings(schema["required"]).Except(Names(output)));
            Assert.All(output, member => Assert.True(Agrees(member.Value!, schema["properties"]![member.Key]), $"{put["name"]}: {member.Key}"));
        }
    }

    [Fact]
    public void Japanese_input_is_offered_where_the_service_is_Japanese() =>
        Assert.Matches(@"[\u3040-\u30ff]", new BodyWriter([]).Write(Services().Single(service => (string)service["service_id"]! == "text-summary-ja")["put"]!["input_schema"], null)["text"]!.GetValue<string>());

    // As much of JSON Schema as the catalogue's flat outputs need; the product's validator has its own suite.
    private static bool Agrees(JsonNode value, JsonNode? schema) => schema is null || ((string?)schema["type"] switch
    {
        "array" => value is JsonArray list && list.All(one => Agrees(one!, schema["items"])),
        "object" => value is JsonObject all && schema["required"]!.AsArray().All(name => all.ContainsKey((string)name!)) && all.All(one => Agrees(one.Value!, schema["properties"]![one.Key])),
        "string" => value.GetValueKind() == System.Text.Json.JsonValueKind.String,
        "integer" => value.GetValueKind() == System.Text.Json.JsonValueKind.Number && (double)value == Math.Floor((double)value),
        "number" => value.GetValueKind() == System.Text.Json.JsonValueKind.Number,
        _ => schema["enum"]!.AsArray().Any(one => JsonNode.DeepEquals(one, value)),
    } && (schema["minimum"] is not { } least || (double)value >= (double)least) && (schema["maximum"] is not { } most || (double)value <= (double)most));

    private static IEnumerable<JsonNode> Services() => Catalogue["services"]!.AsArray().Select(service => service!);

    private static IEnumerable<JsonNode> Campaigns() => Catalogue["campaigns"]!.AsArray().Select(campaign => campaign!);

    private static IEnumerable<string> Strings(JsonNode? list) => list!.AsArray().Select(one => (string)one!);

    private static IEnumerable<string> Names(JsonNode node) => node.AsObject().Select(member => member.Key);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$")]
    private static partial Regex Id();
}
