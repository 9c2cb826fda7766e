using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Operator.Tests;

/// <summary>An issuer that knows no code, and answers each only when the test lets it.</summary>
internal sealed class HeldIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _came = new(0);
    private int _codes;

    private HeldIssuer(WebApplication app) => _app = app;

    public string Name => _app.Urls.First();

    /// <summary>Codes that came to its token endpoint.</summary>
    public int Codes => Volatile.Read(ref _codes);

    public static async Task<HeldIssuer> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var issuer = new HeldIssuer(app);
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new JsonObject
        {
            ["issuer"] = issuer.Name,
            ["jwks_uri"] = $"{issuer.Name}/keys",
            ["authorization_endpoint"] = $"{issuer.Name}/authorize",
            ["token_endpoint"] = $"{issuer.Name}/token",
        }));
        app.MapPost("/token", issuer.Redeem);
        await app.StartAsync();
        return issuer;
    }

    /// <summary>Until so many more have come.</summary>
    public async Task Came(int count, TimeSpan patience)
    {
        for (var n = 0; n < count; n++) Assert.True(await _came.WaitAsync(patience), $"{Codes} came.");
    }

    public void Answer() => _released.TrySetResult();

    public ValueTask DisposeAsync()
    {
        Answer();
        return _app.DisposeAsync();
    }

    private async Task<IResult> Redeem()
    {
        Interlocked.Increment(ref _codes);
        _came.Release();
        await _released.Task;
        return Results.Json(new JsonObject { ["error"] = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest);
    }
}
