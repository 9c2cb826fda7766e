using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Access;

namespace Agora.Api.Tests.Campaigns;

/// <summary>A campaign may be put before its services, so one that is not there is a warning and no refusal.</summary>
public sealed class WarningTests
{
    private const string Path = "/admin/campaigns/survey";

    [Fact]
    public async Task A_service_that_is_not_there_is_named_by_the_answer_until_it_is_put()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var known = Services((await api.Client.Admin(HttpMethod.Get, Path)).Expect(200).Data);
        var put = $$"""{"services":[{{string.Join(',', known.Append("shuot").Select(static id => $"{{\"service_id\":\"{id}\"}}"))}}]}""";
        (string, string)[] misspelt = [("unknown_service", "shuot")];

        Assert.Equal(misspelt, Warnings((await api.Client.Admin(HttpMethod.Patch, Path, put)).Expect(200).Data));
        Assert.Equal(misspelt, Warnings((await api.Client.Admin(HttpMethod.Patch, Path, """{"daily_cap_cents":500}""")).Expect(200).Data));
        Assert.Equal(misspelt, Warnings((await api.Client.Admin(HttpMethod.Get, Path)).Expect(200).Data));

        (await api.Client.Admin(HttpMethod.Put, "/admin/services/shuot", Support.Catalogue.Service)).Expect(200);
        Assert.Empty(Warnings((await api.Client.Admin(HttpMethod.Get, Path)).Expect(200).Data));
        Assert.Empty(Warnings((await api.Client.Admin(HttpMethod.Patch, Path, """{"daily_cap_cents":400}""")).Expect(200).Data));
    }

    [Fact]
    public async Task A_campaign_that_is_put_before_its_services_is_there_and_names_each_of_them()
    {
        await using var api = await RunningApi.Start();

        var answer = (await api.Client.Admin(HttpMethod.Put, Path, Support.Catalogue.Campaign)).Expect(200).Data;

        Assert.NotEmpty(Services(answer));
        Assert.Equal(Services(answer).Select(static id => ("unknown_service", id)), Warnings(answer));
    }

    [Fact]
    public async Task A_sponsor_is_told_no_more_of_services_than_agents_see()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/hidden", Support.Catalogue.Service)).Expect(200);
        (await api.Client.Admin(HttpMethod.Patch, "/admin/services/hidden", """{"active":false}""")).Expect(200);
        var put = Support.Catalogue.Campaign.Replace("\"services\":[", $"\"owner\":\"{RunningApi.Owner}\",\"services\":[{{\"service_id\":\"hidden\"}},", StringComparison.Ordinal);

        Assert.Empty(Warnings((await api.Client.Admin(HttpMethod.Put, Path, put)).Expect(200).Data));
        Assert.Equal([("unknown_service", "hidden")], Warnings((await api.Client.Get(Path, RunningApi.KeyOf(Role.Sponsor))).Expect(200).Data));
        Assert.Equal([("unknown_service", "hidden")], Warnings((await api.Client.Send(HttpMethod.Patch, Path, RunningApi.KeyOf(Role.Sponsor), """{"daily_cap_cents":400}""")).Expect(200).Data));
    }

    [Fact]
    public async Task A_service_of_another_tenant_is_not_there()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();

        var put = (await api.Client.Send(HttpMethod.Put, Path, RunningApi.SecondAdminKey, Support.Catalogue.Campaign)).Expect(200).Data;

        Assert.Equal(Services(put).Select(static id => ("unknown_service", id)), Warnings(put));
        Assert.Equal(Warnings(put), Warnings((await api.Client.Get(Path, RunningApi.SecondAdminKey)).Expect(200).Data));
    }

    [Fact]
    public async Task A_service_that_cannot_be_run_now_is_there()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Patch, "/admin/services/summary", """{"active":false}""")).Expect(200);

        Assert.Empty(Warnings((await api.Client.Admin(HttpMethod.Get, Path)).Expect(200).Data));
    }

    private static List<string> Services(JsonElement campaign) => [.. campaign.GetProperty("services").EnumerateArray().Select(static service => service.GetProperty("service_id").GetString()!)];

    private static List<(string, string)> Warnings(JsonElement campaign) => !campaign.TryGetProperty("warnings", out var warnings) ? []
        : [.. warnings.EnumerateArray().Select(static warning => (warning.GetProperty("code").GetString()!, warning.GetProperty("service_id").GetString()!))];
}
