using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.BadInput;

/// <summary>One address for all rows of the table: each row leaves it as it was, which the last test of each run holds.</summary>
public sealed class BadInputTests(BadInputTests.Target target) : IClassFixture<BadInputTests.Target>
{
    public static TheoryData<string> Names => [.. Table.Requests.Select(r => r.Name)];

    [Fact]
    public void Every_row_of_the_table_has_a_name_of_its_own() =>
        Assert.Equal(Table.Requests.Count, Table.Requests.Select(r => r.Name).Distinct(StringComparer.Ordinal).Count());

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_bad_request_gets_its_documented_code_and_changes_nothing(string name)
    {
        var bad = Table.Requests.Single(r => r.Name == name);
        var before = await target.Look();
        var key = bad.As switch { As.Agent => target.Token, As.Platform => RunningApi.PlatformKey, As.Operator => RunningApi.AdminKey, _ => null };
        using var message = bad.Message();

        var received = (await target.Client.Send(message, bad.Credential?.Invoke(key ?? "") ?? key)).Refused(bad.Status, bad.Code);

        Assert.False(string.IsNullOrWhiteSpace(received.Error.GetProperty("message").GetString()));
        Assert.Equal(bad.Status == 401 ? "Bearer" : null, received.Header("WWW-Authenticate"));
        if (bad.Code == "validation_failed")
        {
            var details = received.Error.GetProperty("details").EnumerateArray().Select(d => (Path: d.GetProperty("path").GetString()!, Keyword: d.GetProperty("keyword").GetString()!)).ToList();
            Assert.NotEmpty(details);
            Assert.True(bad.Violation is not { } wanted || details.Any(d => d.Path == wanted.Path && (wanted.Keyword.Length == 0 || d.Keyword == wanted.Keyword)), received.Json.ToString());
        }

        Assert.Equal(before, await target.Look());
    }

    [Fact]
    public async Task Output_that_is_wrong_in_three_places_is_refused_with_all_three()
    {
        var refused = (await target.Client.Post("/agent/tasks/survey/complete", target.Token, """{"output":{"rating":9,"why":1,"again":"yes"},"consents":[{"type":"data_sharing","granted":true}]}""")).Refused(422, "validation_failed");

        Assert.Equal(["/output/again", "/output/rating", "/output/why"], refused.Error.GetProperty("details").EnumerateArray().Select(d => d.GetProperty("path").GetString()!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{'input':1}", "The body is not JSON (line 1, byte 2).")]
    [InlineData("33", "The body is nested more than 32 deep.")]
    public async Task What_is_no_JSON_is_told_from_what_is_nested_too_deep(string body, string said)
    {
        var refused = (await target.Client.Post("/agent/services/summary/run", target.Token, body == "33" ? new string('[', 33) + new string(']', 33) : body)).Refused(400, "malformed_request");

        Assert.Equal(said, refused.Error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_number_beyond_its_bounds_is_told_them_and_not_that_it_is_none()
    {
        var refused = (await target.Client.Admin(HttpMethod.Get, "/admin/users?limit=200")).Refused(422, "validation_failed");

        Assert.Equal("From 1 to 100; here is 200.", refused.Error.GetProperty("details")[0].GetProperty("message").GetString());
    }

    /// <summary>Where the table is sent to: an address, and an agent's token there.</summary>
    public sealed class Target : IAsyncLifetime
    {
        private RunningApi _api = null!;

        internal Client Client => _api.Client;

        internal string Token { get; private set; } = "";

        public async Task InitializeAsync()
        {
            _api = await RunningApi.Start();
            await Client.Load();
            Token = await Client.OpenSession();
        }

        /// <summary>What a request that was let through by mistake would change.</summary>
        internal async Task<string> Look()
        {
            var flow = (await Client.Get("/agent/flow/status", Token)).Expect(200).Data;
            var lists = new[] { "users", "services", "campaigns", "sessions", "payments", "wallets", "agents", "campaigns/survey/rewards" };
            var seen = await Task.WhenAll(lists.Select(async list => (await Client.Admin(HttpMethod.Get, $"/admin/{list}")).Expect(200).Data.ToString()));
            var campaign = (await Client.Admin(HttpMethod.Get, "/admin/campaigns/survey")).Expect(200).Data;
            return string.Join('\n', [flow.ToString(), campaign.ToString(), .. seen]);
        }

        public async Task DisposeAsync() => await _api.DisposeAsync();
    }
}
