using System.Reflection;
using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Application.Language;
using Agora.Application.Operations;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Tests.Language;

/// <summary>Replies to who asks for Japanese, and what their headers say of that.</summary>
public sealed class JapaneseTests
{
    [Fact]
    public async Task Pages_of_codes_come_in_the_language_that_is_wanted()
    {
        await using var api = await RunningApi.Start();
        foreach (var page in ErrorPages.All)
        {
            var (own, english) = (await Asked(api, Problem.TypeOf(page.Code), "ja"), await Asked(api, Problem.TypeOf(page.Code), "fr"));

            Assert.Equal((page.In(Words.Japanese).Text, "ja", "Accept, Accept-Language"), own);
            Assert.Equal((page.Text, "en", "Accept, Accept-Language"), english);
        }
    }

    [Theory]
    [InlineData("ja", "そのようなもの", "ja")]
    [InlineData("en", "There is no such thing here.", "")]
    public async Task Problem_details_have_their_title_in_the_language_that_is_wanted(string language, string title, string said)
    {
        await using var api = await RunningApi.Start();

        var (text, content, vary) = await Asked(api, "/nowhere", language, "application/problem+json");

        Assert.Contains(title, JsonDocument.Parse(text).RootElement.GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Equal((said, "Accept, Accept-Language"), (content, vary));
    }

    [Fact]
    public async Task Every_empty_list_of_an_operator_says_why_in_Japanese()
    {
        var lists = typeof(AgoraApi).Assembly.GetTypes().SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static)).Where(field => field.FieldType.IsAssignableTo(typeof(Operation)))
            .Select(field => (Operation)field.GetValue(null)!).Where(operation => operation.Audience == Audience.Operators && operation.Data?.IsAssignableTo(typeof(ListData)) == true).ToList();
        await using var api = await RunningApi.Start();

        Assert.True(lists.Count >= 9, $"{lists.Count}");
        foreach (var list in lists.Where(list => list.Sheet.Ids.Count == 0).Select(list => list.Route).Append("/admin/search?q=nothing"))
        {
            Assert.True(IsJapanese(await Data(api, list), "empty_because"), list);
        }

        // Of something that has to be there first, which is an act.
        (await api.Client.Admin(HttpMethod.Put, "/admin/webhooks/hook", """{"url":"https://hooks.example/agora"}""")).Expect(200);
        foreach (var list in lists.Where(list => list.Sheet.Ids.Count > 0).Select(list => list.Route.Replace("{webhook_id}", "hook", StringComparison.Ordinal)))
        {
            Assert.True(IsJapanese(await Data(api, list), "empty_because"), list);
        }
    }

    [Fact]
    public async Task What_is_not_known_of_a_list_is_said_in_Japanese()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        await api.Client.OpenSession();
        await api.Client.OpenSession();
        var cursor = (await Data(api, "/admin/sessions?limit=1")).GetProperty("next_cursor").GetString();

        Assert.True(IsJapanese(await Data(api, $"/admin/sessions?limit=1&cursor={cursor}"), "total_count_unknown"));
        Assert.True(IsJapanese(await Data(api, "/admin/payments?totals=true&from=2030-01-31T00:00:01Z"), "totals_unknown"));
        Assert.True(IsJapanese(await Data(api, "/admin/runs?totals=true"), "totals_unknown"));
        Assert.Equal("利用者 nobody はいません。GET /admin/users が、いる利用者を一覧します。", (await Data(api, "/admin/payments?user_id=nobody")).GetProperty("empty_because").GetString());
    }

    [Fact]
    public async Task A_list_as_text_is_in_no_language()
    {
        await using var api = await RunningApi.Start();

        var (_, content, vary) = await Asked(api, "/admin/runs", "ja", "text/csv");

        Assert.Equal(("", ""), (content, vary));
    }

    private static bool IsJapanese(JsonElement data, string member) => data.GetProperty(member).GetString()!.Any(c => c > 0x3000);

    private static async Task<JsonElement> Data(RunningApi api, string path) => (await api.Client.Admin(HttpMethod.Get, path, null, ("Accept-Language", "ja"))).Expect(200).Data;

    private static async Task<(string Text, string ContentLanguage, string Vary)> Asked(RunningApi api, string path, string language, string accept = "*/*")
    {
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept-Language", language }, { "Accept", accept }, { "Authorization", $"Bearer {RunningApi.AdminKey}" } } };
        using var reply = await http.SendAsync(request);
        return (await reply.Content.ReadAsStringAsync(), string.Join(", ", reply.Content.Headers.ContentLanguage), string.Join(", ", reply.Headers.Vary));
    }
}
