using System.Diagnostics;
using System.Text.Json;
using Agora.Testing;

namespace Agora.Operator.Tests;

/// <summary>A console, and an OpenID provider of another maker by which people sign in there: with a secret as <c>corp</c>, without one as <c>open</c>. Its tokens say roles in <c>groups</c>.</summary>
public sealed class OpenIdWorld : IAsyncLifetime, IAsyncDisposable
{
    public const string Folder = "tests/Operator.Tests";

    /// <summary>Base64, of 32 bytes: what signs this server's cookies.</summary>
    public const string TokenKey = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    private static readonly TimeSpan Patience = Hang.Timeout;
    private Process? _provider;

    public static string? Missing => NodeProgram.Missing(Folder, "oidc-provider");

    public ConsoleWorld Console { get; private set; } = null!;

    public string Issuer { get; private set; } = "";

    /// <summary>Where the console is, as browsers say it.</summary>
    public string Origin => Console.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);

    public async Task InitializeAsync()
    {
        if (Missing is not null) return;

        _provider = Process.Start(new ProcessStartInfo("node", ["provider.mjs"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.File(Folder) })!;
        _provider.BeginErrorReadLine(); // it warns of what it is not meant for, and would wait for a reader
        Issuer = await Said();
        Console = new() { Settings = [new("AGORA_ISSUERS", Trusting(Issuer)), new("AGORA_TOKEN_KEY", TokenKey)] };
        await Console.InitializeAsync();
        await _provider.StandardInput.WriteLineAsync($"{Origin}/console/sign-in/back");
        Assert.Equal("ready", await Said());
    }

    public async Task DisposeAsync()
    {
        if (_provider is null) return;

        await Console.DisposeAsync();
        await End();
        _provider.Dispose();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    /// <summary>The provider goes away.</summary>
    public async Task End()
    {
        if (_provider!.HasExited) return;

        _provider.StandardInput.Close();
        await _provider.WaitForExitAsync().WaitAsync(Patience);
    }

    public static string Trusting(string issuer)
    {
        var roles = new Dictionary<string, string> { ["agora-admins"] = "admin", ["support"] = "viewer" };
        return JsonSerializer.Serialize(new object[]
        {
            new { name = "corp", issuer, @for = "operators", audience = "agora", roles_claim = "groups", roles, sign_in = new { client_id = "console", client_secret = "a secret+with:all/that%is&encoded", scopes = "openid profile" } },
            new { name = "open", issuer, @for = "operators", audience = "agora-open", roles_claim = "groups", roles, sign_in = new { client_id = "console-public" } },
        });
    }

    private async Task<string> Said() => await _provider!.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? throw new InvalidOperationException("The provider has ended.");
}

/// <summary>A fact that a provider of another maker tells.</summary>
public sealed class ProviderFactAttribute : FactAttribute
{
    public ProviderFactAttribute() => Skip = OpenIdWorld.Missing;
}

/// <inheritdoc cref="ProviderFactAttribute"/>
public sealed class ProviderTheoryAttribute : TheoryAttribute
{
    public ProviderTheoryAttribute() => Skip = OpenIdWorld.Missing;
}

/// <summary>One that it tells in Chromium.</summary>
public sealed class ProviderInChromiumFactAttribute : FactAttribute
{
    public ProviderInChromiumFactAttribute() => Skip = Chromium.Path is null ? Chromium.Missing : OpenIdWorld.Missing;
}
