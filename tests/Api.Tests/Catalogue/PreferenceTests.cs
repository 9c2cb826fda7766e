using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Catalogue;

/// <summary>What a user prefers ranks services for the user's agents, and filters them, where their sessions may use the user's preferences.</summary>
public sealed class PreferenceTests : IAsyncLifetime
{
    private RunningApi _api = null!;

    public async Task InitializeAsync()
    {
        _api = await RunningApi.Start();
        foreach (var (id, category, provider) in new[] { ("a", "text", "acme"), ("b", "law", "acme"), ("c", "art", "best"), ("d", "law", "best") })
        {
            var service = Support.Catalogue.Service.Replace("\"category\":\"text\"", $"\"category\":\"{category}\"", StringComparison.Ordinal).Replace("text-provider", provider, StringComparison.Ordinal);
            (await _api.Client.Admin(HttpMethod.Put, $"/admin/services/{id}", service)).Expect(200);
        }

        (await _api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"attributes":{"preferred_categories":["ART"],"preferred_providers":"acme"}}""")).Expect(200);
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Theory]
    [InlineData("", "a b c d", "4")]
    [InlineData("?preferred=true", "a b c", "3")]
    [InlineData("?preferred=false", "a b c d", "4")]
    [InlineData("?provider=best", "c d", "2")]
    [InlineData("?provider=best&preferred=true", "c", "1")]
    [InlineData("?category=law&preferred=true", "b", "1")]
    [InlineData("?category=law", "b d", "2")]
    [InlineData("?provider=nobody", "", "0")]
    [InlineData("?offset=1&limit=2", "b c", "4")]
    public async Task What_is_preferred_comes_first_or_alone(string query, string expected, string total)
    {
        var token = await _api.Client.OpenSession();

        Assert.Equal((expected, total), await Found(query, token));
    }

    [Fact]
    public async Task A_session_that_may_not_use_preferences_learns_nothing_of_them()
    {
        var token = await _api.Client.OpenSession(user: "user-2");
        (await _api.Client.Admin(HttpMethod.Put, "/admin/users/user-2", """{"attributes":{"preferred_categories":["law"],"preferred_providers":["best"]}}""")).Expect(200);
        Assert.Equal(("b c d a", "4"), await Found("", token));

        var narrow = (await _api.Client.Post(
            "/agent/auth",
            RunningApi.PlatformKey,
            """{"agent_id":"agent-1","user_id":"user-2","scopes":{"allowed_task_types":["*"],"allowed_data_types":["location"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":1}}""")).Expect(201).Data.GetProperty("token").GetString()!;
        Assert.Equal(("a b c d", "4"), await Found("", narrow));
        Assert.Equal(("", "0"), await Found("?preferred=true", narrow));
    }

    [Fact]
    public async Task A_provider_of_a_wrong_form_or_a_flag_that_is_none_is_refused()
    {
        var token = await _api.Client.OpenSession();

        (await _api.Client.Get("/agent/services?provider=a%20b", token)).Refused(422, "validation_failed");
        (await _api.Client.Get("/agent/services?preferred=yes", token)).Refused(422, "validation_failed");
    }

    private async Task<(string Ids, string Total)> Found(string query, string token)
    {
        var data = (await _api.Client.Get($"/agent/services{query}", token)).Expect(200).Data;
        return (string.Join(' ', data.GetProperty("services").EnumerateArray().Select(service => service.GetProperty("service_id").GetString())), data.GetProperty("total_count").GetRawText());
    }
}
