using System.Diagnostics;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Hosting;
using Agora.Outbound;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Api.Tests.Identity;

/// <summary>An issuer of another maker, over real sockets: what its discovery document, its JWK Set and its tokens say is understood as it is meant.</summary>
public sealed class OtherIssuerTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = Hang.Timeout;
    private readonly MovedTimestamps _time = new();
    private Process? _issuer;
    private RunningApi _api = null!;

    public async Task InitializeAsync()
    {
        if (NodePackages.Missing is not null) return;

        _issuer = Process.Start(new ProcessStartInfo("node", ["issuer.mjs"]) { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = NodePackages.Folder })!;
        var trusted = new TrustedIssuer("corp", await Said(), TokenHolders.Operators, Tenant.Default, "agora", null, "groups", new Dictionary<string, Role> { ["support"] = Role.Viewer, ["agora-admins"] = Role.Admin }, "sub", null);
        _api = await RunningApi.Start(issuers: [new IssuerKeys(trusted, new HttpOutbound(AllowList.Parse("127.0.0.0/8,::1/128"), TimeProvider.System), _time, NullLogger<IssuerKeys>.Instance)]);
    }

    public async Task DisposeAsync()
    {
        if (_issuer is null) return;

        await _api.DisposeAsync();
        End();
        await _issuer.WaitForExitAsync().WaitAsync(Patience);
        _issuer.Dispose();
    }

    [NodePackagesFact]
    public async Task Its_tokens_let_in_by_each_algorithm_and_by_the_roles_that_they_name()
    {
        foreach (var algorithm in new[] { "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA" })
        {
            var key = await Key(algorithm);
            _time.Move(Limits.IssuerAskedAgain);
            (await Users(await Token(key))).Expect(200);
            (await Put(await Token(key))).Expect(200);
            (await Users(await Token(key, groups: "support"))).Expect(200);
            (await Put(await Token(key, groups: "support"))).Refused(403, Codes.Forbidden);
            (await Users(await Token(key, groups: "nobody"))).Refused(403, Codes.Forbidden);
            (await Users(await Token(key, audience: "others"))).Refused(401, Codes.Unauthorized);
            (await Users(await Token(key, expires: -120))).Refused(401, Codes.Unauthorized);
        }

        var beyond = await Key("ES512");
        _time.Move(Limits.IssuerAskedAgain);
        (await Users(await Token(beyond))).Refused(401, Codes.Unauthorized);
    }

    [NodePackagesFact]
    public async Task A_key_that_it_makes_later_is_asked_for_and_those_that_are_known_hold_while_it_is_away()
    {
        var before = await Token(await Key("ES256"));
        (await Users(before)).Expect(200);
        var after = await Token(await Key("EdDSA"));
        (await Users(after)).Refused(401, Codes.Unauthorized); // it was asked just now

        _time.Move(Limits.IssuerAskedAgain);
        (await Users(after)).Expect(200);
        (await Users(before)).Expect(200);

        End();
        await _issuer!.WaitForExitAsync().WaitAsync(Patience);
        _time.Move(Limits.IssuerKeysFresh);
        (await Users(after)).Expect(200);
        _time.Move(Limits.IssuerKeysKept);
        (await Users(after)).Refused(503, Codes.Unavailable);
    }

    private Task<Received> Users(string token) => _api.Client.Get("/admin/users", token);

    private Task<Received> Put(string token) => _api.Client.Send(HttpMethod.Put, "/admin/agents/agent-7", token, "{}");

    private Task<string> Key(string algorithm) => Ask(new() { ["key"] = algorithm });

    private Task<string> Token(string kid, string groups = "agora-admins", string audience = "agora", int expires = 600) => Ask(new()
    {
        ["kid"] = kid,
        ["claims"] = new JsonObject { ["sub"] = "erika", ["aud"] = audience, ["groups"] = new JsonArray("other", groups), ["exp"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + expires },
    });

    private async Task<string> Ask(JsonObject line)
    {
        await _issuer!.StandardInput.WriteLineAsync(line.ToJsonString());
        return await Said();
    }

    private async Task<string> Said() => await _issuer!.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? throw new InvalidOperationException("The issuer has ended.");

    // It ends with its input.
    private void End()
    {
        if (!_issuer!.HasExited)
        {
            _issuer.StandardInput.Close();
        }
    }
}
