using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Hosting;
using Agora.Web;
using Microsoft.Extensions.Logging.Abstractions;
using Received = Agora.Api.Tests.Support.Received;

namespace Agora.Api.Tests.Identity;

/// <summary>People and platforms come with tokens of an issuer that is believed.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private static readonly Dictionary<string, Role> ByOwnNames = [];
    private readonly PlayedIssuer _issuer = new();
    private readonly PlayedIssuer _cognito = new("https://cognito.example/pool");
    private readonly PlayedIssuer _foreign = new("https://other.example");
    private readonly Moved _time = new();
    private RunningApi _api = null!;

    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    public async Task InitializeAsync() => _api = await RunningApi.Start(issuers:
    [
        Keys(_issuer, new("corp", PlayedIssuer.Name, TokenHolders.Operators, Tenant.Default, "agora", null, "roles", ByOwnNames, "owner", null)),
        Keys(_issuer, new("corp-second", PlayedIssuer.Name, TokenHolders.Operators, RunningApi.Second, "agora-second", null, "groups", new Dictionary<string, Role> { ["Agora Admins"] = Role.Admin, ["Agora Sponsors"] = Role.Sponsor, ["Agora Principals"] = Role.Principal }, "sub", new("https://login.example/keys"))),
        Keys(_issuer, new("shop", PlayedIssuer.Name, TokenHolders.Platforms, RunningApi.Second, "agora-platform", null, "roles", ByOwnNames, "sub", null)),
        Keys(_cognito, new("pool", "https://cognito.example/pool", TokenHolders.Operators, Tenant.Default, null, "app-1", "cognito:groups", ByOwnNames, "sub", null, "pool:")),
    ]);

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    [InlineData("EdDSA")]
    [InlineData("Ed25519")]
    [InlineData("ES384")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("PS384")]
    [InlineData("PS512")]
    public async Task A_token_lets_its_holder_in_by_each_algorithm(string algorithm)
    {
        (await Users(_issuer.Token(algorithm))).Expect(200);
        (await Users(_issuer.Token(algorithm, header: new() { ["typ"] = "at+jwt" }))).Expect(200);
        (await Users(_issuer.Token(algorithm, claims: ("aud", new JsonArray("somebody", "agora"))))).Expect(200);
    }

    public static TheoryData<string, string, JsonNode?> WrongClaims => new()
    {
        { "of another audience", "aud", "somebody" },
        { "of no audience", "aud", null },
        { "of audiences that are no text", "aud", new JsonArray(1, new JsonArray("agora")) },
        { "expired", "exp", Now - 61 },
        { "without end", "exp", null },
        { "with an end that is no number", "exp", (Now + 600).ToString(System.Globalization.CultureInfo.InvariantCulture) },
        { "not good yet", "nbf", Now + 3_600 },
        { "with a beginning that is no number", "nbf", "soon" },
        { "of a time to come", "iat", Now + 3_600 },
        { "of nobody", "sub", null },
        { "of an empty name", "sub", "" },
        { "of another issuer", "iss", "https://other.example" },
        { "of an issuer spelt otherwise", "iss", "https://login.example/" },
        { "of no issuer", "iss", null },
        { "of an issuer that is no text", "iss", 1 },
    };

    [Theory]
    [MemberData(nameof(WrongClaims))]
    public async Task What_a_token_says_wrongly_is_unauthorized(string what, string name, JsonNode? value) =>
        Assert.True((await Users(_issuer.Token(claims: (name, value)))).Refused(401, Codes.Unauthorized) is not null, what);

    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    [InlineData("RS384")]
    [InlineData("rs256")]
    [InlineData("")]
    public async Task A_token_does_not_choose_how_it_is_verified(string algorithm)
    {
        (await Users(_issuer.Token(algorithm))).Refused(401, Codes.Unauthorized);
        (await Users(_issuer.Token(algorithm, keyId: null))).Refused(401, Codes.Unauthorized);
    }

    [Theory]
    [InlineData("HS256", "HS256")]
    [InlineData("none", "none")]
    [InlineData("ES512", "ES512")]
    [InlineData("<b>", "an unknown algorithm")]
    public async Task The_refusal_of_another_algorithm_names_it_and_those_that_are_taken(string algorithm, string named)
    {
        var refused = (await Users(_issuer.Token(algorithm, "rsa-1", claims: ("sub", "a")).TrimEnd('.') + (algorithm == "HS256" ? "" : ".AAAA"))).Refused(401, Codes.Unauthorized);

        Assert.StartsWith($"The token is signed with {named}; the algorithms taken are RS256, ", refused.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RS512", "rsa-1")]
    [InlineData("ES256", "rsa-1")]
    [InlineData("RS256", "no-such-key")]
    public async Task The_refusal_of_a_key_that_does_not_fit_names_the_algorithm(string algorithm, string key)
    {
        var refused = (await Users(_issuer.Token(algorithm, key))).Refused(401, Codes.Unauthorized);

        Assert.Equal($"The issuer has no key with this id for {algorithm}, the token's algorithm.", refused.Error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_token_without_a_role_is_forbidden_with_the_claim_that_was_looked_at()
    {
        var refused = (await Users(_issuer.Token(claims: ("roles", new JsonArray("offline_access"))))).Refused(403, Codes.Forbidden);

        Assert.Contains("its claim roles is missing, or names no role", refused.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_key_verifies_its_own_algorithm_only()
    {
        (await Users(_issuer.Token("RS256", "ec-1"))).Refused(401, Codes.Unauthorized);
        (await Users(_issuer.Token("ES256", "rsa-1"))).Refused(401, Codes.Unauthorized);
        (await Users(_issuer.Token("EdDSA", "rsa-1"))).Refused(401, Codes.Unauthorized);
        (await Users(_issuer.Token("RS256", "enc-1"))).Refused(401, Codes.Unauthorized);
        (await Users(_issuer.Token("RS256", keyId: null))).Expect(200); // there is one key of it
    }

    [Fact]
    public async Task A_token_of_another_issuers_key_is_unauthorized()
    {
        (await Users(_foreign.Token())).Refused(401, Codes.Unauthorized);
        (await Users(_foreign.Token(claims: ("iss", PlayedIssuer.Name)))).Refused(401, Codes.Unauthorized);
        var (mine, theirs) = (_issuer.Token().Split('.'), _issuer.Token(claims: ("sub", "mallory")).Split('.'));
        (await Users($"{mine[0]}.{theirs[1]}.{mine[2]}")).Refused(401, Codes.Unauthorized);
        (await Users($"{mine[0]}.{mine[1]}.")).Refused(401, Codes.Unauthorized);
        (await Users($"{mine[0]}.{mine[1]}.{mine[2]}=")).Refused(401, Codes.Unauthorized);
        (await Users($"{mine[0]}.{mine[1]}.{mine[2]}.x")).Refused(401, Codes.Unauthorized);
        (await Users("ey..")).Refused(401, Codes.Unauthorized);
        (await Users($"eyJ9.{new string('A', 9_000)}.{mine[2]}")).Refused(401, Codes.Unauthorized);
    }

    [Theory]
    [InlineData("""{"crit":["exp"]}""")]
    [InlineData("""{"b64":false}""")]
    [InlineData("""{"typ":"logout+jwt"}""")]
    [InlineData("""{"kid":1}""")]
    public async Task A_header_that_wants_to_be_understood_otherwise_is_unauthorized(string header) =>
        (await Users(_issuer.Token(header: JsonNode.Parse(header)!.AsObject()))).Refused(401, Codes.Unauthorized);

    [Fact]
    public async Task Two_keys_of_one_id_are_none_unauthorized()
    {
        var twice = _issuer.KeySet();
        twice["keys"]!.AsArray().Add(_foreign.KeySet()["keys"]![0]!.DeepClone()); // of the same id
        _issuer.Says = path => path == "/keys" ? twice.ToJsonString() : null;

        (await Users(_issuer.Token())).Refused(401, Codes.Unauthorized);
        (await Users(_foreign.Token(claims: ("iss", PlayedIssuer.Name)))).Refused(401, Codes.Unauthorized);
        (await Users(_issuer.Token("ES256"))).Expect(200);
    }

    [Fact]
    public async Task A_key_that_is_new_is_asked_for_and_made_up_ones_ask_no_more()
    {
        (await Users(_issuer.Token())).Expect(200);
        var before = _issuer.Asked;
        _issuer.Rotate();
        _time.Move(Limits.IssuerAskedAgain);

        (await Users(_issuer.Token())).Expect(200);
        Assert.Equal(before + 2, _issuer.Asked);
        foreach (var made in Enumerable.Range(0, 20))
        {
            (await Users(_issuer.Token(keyId: $"made-up-{made}"))).Refused(401, Codes.Unauthorized);
        }

        Assert.Equal(before + 2, _issuer.Asked);
    }

    [Fact]
    public async Task Keys_that_were_known_count_while_the_issuer_is_away_and_no_longer_than_a_day()
    {
        var token = _issuer.Token();
        (await Users(token)).Expect(200);
        _issuer.IsAway = true;
        _time.Move(Limits.IssuerKeysFresh);
        (await Users(token)).Expect(200);

        _time.Move(Limits.IssuerKeysKept);
        Assert.Equal("1", (await Users(token)).Refused(503, Codes.Unavailable).Header("Retry-After"));
        _issuer.IsAway = false;
        _time.Move(Limits.IssuerAskedAgain);
        (await Users(token)).Expect(200);
    }

    [Theory]
    [InlineData("/.well-known/openid-configuration", """{"issuer":"https://other.example","jwks_uri":"https://login.example/keys"}""")]
    [InlineData("/.well-known/openid-configuration", """{"issuer":"https://login.example","jwks_uri":"file:///etc/passwd"}""")]
    [InlineData("/.well-known/openid-configuration", "[]")]
    [InlineData("/.well-known/openid-configuration", "<html>")]
    [InlineData("/keys", """{"keys":[]}""")]
    [InlineData("/keys", """{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"rsa-1"}]}""")]
    [InlineData("/keys", """{"keys":"rsa"}""")]
    [InlineData("/keys", "")]
    public async Task Documents_that_say_nothing_let_nobody_in_unavailable(string path, string says)
    {
        _issuer.Says = asked => asked == path ? says : null;

        (await Users(_issuer.Token())).Refused(503, Codes.Unavailable);
    }

    [Fact]
    public async Task The_audience_says_the_tenant_and_groups_say_the_role()
    {
        (await _api.Client.Admin(HttpMethod.Put, "/admin/agents/of-the-first", "{}")).Expect(200);
        var second = _issuer.Token(claims: [("aud", "agora-second"), ("groups", new JsonArray("Everybody", "Agora Admins"))]);

        Assert.Equal(0, (await _api.Client.Get("/admin/agents", second)).Expect(200).Data.GetProperty("total_count").GetInt32());
        (await _api.Client.Get("/admin/agents", _issuer.Token(claims: [("aud", "agora-second"), ("groups", "Everybody")]))).Refused(403, Codes.Forbidden);
        (await _api.Client.Get("/admin/agents", _issuer.Token(claims: ("roles", null)))).Refused(403, Codes.Forbidden);
        (await _api.Client.Get("/admin/agents", _issuer.Token(claims: ("roles", "viewer")))).Expect(200);
        (await _api.Client.Send(HttpMethod.Put, "/admin/agents/new", _issuer.Token(claims: ("roles", "viewer")), "{}")).Refused(403, Codes.Forbidden);
    }

    [Fact]
    public async Task A_principal_by_token_sees_its_own_agents()
    {
        string Token(JsonNode? owner) => _issuer.Token(claims: [("roles", "principal"), ("owner", owner)]);
        (await _api.Client.Admin(HttpMethod.Put, "/admin/agents/mine", """{"owner":"acme"}""")).Expect(200);

        (await _api.Client.Get("/admin/agents/mine", Token("acme"))).Expect(200);
        (await _api.Client.Get("/admin/agents/mine", Token("globex"))).Refused(404, Codes.NotFound);
        (await _api.Client.Get("/admin/agents/mine", Token("auth0|5f7c"))).Refused(404, Codes.NotFound);
        (await _api.Client.Get("/admin/agents/mine", Token(null))).Refused(403, Codes.Forbidden);
    }

    [Fact]
    public async Task An_owner_by_token_sees_what_it_owns_in_the_tenant_of_its_audience_and_nothing_of_the_same_name_elsewhere()
    {
        string Token(string group) => _issuer.Token(claims: [("aud", "agora-second"), ("groups", group), ("sub", "acme")]);
        string Campaign(string owner) => Support.Catalogue.Campaign.Replace("{\"sponsor\"", $"{{\"owner\":\"{owner}\",\"sponsor\"", StringComparison.Ordinal);
        foreach (var (id, first, second) in new[] { ("own", "globex", "acme"), ("others", "acme", "globex") })
        {
            foreach (var (key, owner) in new[] { (RunningApi.AdminKey, first), (RunningApi.SecondAdminKey, second) })
            {
                (await _api.Client.Send(HttpMethod.Put, $"/admin/campaigns/{id}", key, Campaign(owner))).Expect(200);
                (await _api.Client.Send(HttpMethod.Put, $"/admin/agents/{id}", key, $$"""{"owner":"{{owner}}"}""")).Expect(200);
            }
        }

        foreach (var (path, group) in new[] { ("campaigns", "Agora Sponsors"), ("agents", "Agora Principals") })
        {
            (await _api.Client.Get($"/admin/{path}/own", Token(group))).Expect(200);
            (await _api.Client.Get($"/admin/{path}/others", Token(group))).Refused(404, Codes.NotFound);
        }
    }

    [Fact]
    public async Task A_cognito_token_of_access_names_its_client_and_no_audience()
    {
        string Token(params (string, JsonNode?)[] claims) => _cognito.Token(claims: [("aud", null), ("client_id", "app-1"), ("token_use", "access"), ("cognito:groups", new JsonArray("operator")), .. claims]);

        (await Users(Token())).Expect(200);
        (await Users(Token(("client_id", "app-2")))).Refused(401, Codes.Unauthorized);
        (await Users(Token(("token_use", "id")))).Refused(401, Codes.Unauthorized);
        (await Users(Token(("token_use", null)))).Refused(401, Codes.Unauthorized);
    }

    [Fact]
    public async Task A_user_filters_by_itself_as_its_issuer_names_it_and_by_no_other()
    {
        string Token(string subject) => _cognito.Token(claims: [("aud", null), ("client_id", "app-1"), ("token_use", "access"), ("cognito:groups", "user"), ("sub", subject)]);
        Task<Received> Sessions(string user, string token) => _api.Client.Get($"/admin/sessions?limit=1&user_id={Uri.EscapeDataString(user)}", token);
        foreach (var user in new[] { "pool:esc:a_7C1", "pool:esc:a_7C2" }) await _api.Client.OpenSession(user);

        foreach (var named in new[] { "pool:esc:a_7C1", "pool:a|1" })
        {
            Assert.Equal("pool:esc:a_7C1", Assert.Single((await Sessions(named, Token("a|1"))).Expect(200).Data.GetProperty("sessions").EnumerateArray()).GetProperty("user_id").GetString());
        }

        foreach (var other in new[] { "pool:a|2", "pool:esc:a_7C2", "a|1", "pool:", "" }) (await Sessions(other, Token("a|1"))).Refused(404, Codes.NotFound);
        (await Sessions("pool:esc:a_7C1", Token("esc:a_7C1"))).Refused(404, Codes.NotFound); // an id is not also another user's subject
        (await _api.Client.Get("/admin/sessions?user_id=pool:a%7C1&user_id=pool:a%7C1", Token("a|1"))).Refused(403, Codes.Forbidden);
        (await Sessions("pool:a|1", RunningApi.AdminKey)).Refused(422, Codes.ValidationFailed);
    }

    [Fact]
    public async Task A_platform_comes_with_a_token_of_its_own_and_an_operators_is_none()
    {
        const string Body = """{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100}}""";
        var platform = _issuer.Token(claims: ("aud", "agora-platform"));

        var opened = (await _api.Client.Post("/agent/auth", platform, Body, (IdempotencyKeys.Header, "same"))).Expect(201);
        Assert.StartsWith("agt_second~", opened.Data.GetProperty("token").GetString(), StringComparison.Ordinal);
        Assert.Equal("true", (await _api.Client.Post("/agent/auth", platform, Body, (IdempotencyKeys.Header, "same"))).Expect(201).Header("Idempotent-Replayed"));
        Assert.Null((await _api.Client.Post("/agent/auth", RunningApi.SecondPlatformKey, Body, (IdempotencyKeys.Header, "same"))).Expect(201).Header("Idempotent-Replayed"));
        Assert.Null((await _api.Client.Post("/agent/auth", _issuer.Token(claims: [("aud", "agora-platform"), ("sub", "bob")]), Body, (IdempotencyKeys.Header, "same"))).Expect(201).Header("Idempotent-Replayed"));
        (await _api.Client.Post("/agent/auth", _issuer.Token(), Body)).Refused(401, Codes.Unauthorized);
        (await Users(platform)).Refused(401, Codes.Unauthorized);
    }

    [Fact]
    public async Task Acts_say_who_of_which_issuer()
    {
        (await _api.Client.Send(HttpMethod.Put, "/admin/agents/agent-1", _issuer.Token(claims: ("sub", "auth0|5f7c8ec7c33c6c004bbafe82")), "{}")).Expect(200);
        (await _api.Client.Send(HttpMethod.Put, "/admin/agents/agent-2", _issuer.Token(claims: ("sub", "Ä ö")), "{}")).Expect(200);

        var actors = (await _api.Client.Admin(HttpMethod.Get, "/admin/acts")).Expect(200).Data.GetProperty("acts").EnumerateArray().Select(act => act.GetProperty("actor").GetString()).ToList();
        Assert.Equal(2, actors.Count);
        Assert.StartsWith("operator:corp/sha256:", actors[0], StringComparison.Ordinal);
        Assert.Equal("operator:corp/auth0|5f7c8ec7c33c6c004bbafe82", actors[1]);
    }

    [Fact]
    public async Task Wrong_tokens_slow_nobody_down_and_count_as_no_wrong_keys()
    {
        foreach (var _ in Enumerable.Range(0, 3 * Limits.WrongKeysAtOnce))
        {
            (await Users(_foreign.Token())).Refused(401, Codes.Unauthorized);
            (await _api.Client.Post("/agent/auth", _foreign.Token(), "{}")).Refused(401, Codes.Unauthorized);
        }
    }

    private Task<Received> Users(string token) => _api.Client.Get("/admin/users", token);

    private IssuerKeys Keys(PlayedIssuer played, TrustedIssuer issuer) => new(issuer, played, _time, NullLogger<IssuerKeys>.Instance);

    /// <summary>Its timestamps can be moved on.</summary>
    private sealed class Moved : TimeProvider
    {
        private long _moved;

        public void Move(TimeSpan by) => _moved += (long)(by.TotalSeconds * TimestampFrequency);

        public override long GetTimestamp() => base.GetTimestamp() + _moved;
    }
}
