using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.ScriptedModels;

/// <summary>
/// A server on a port of this machine that speaks as OpenAI, Anthropic and Google do, says what its script tells it to, fails where the script says so, and knows what it would have billed. Base addresses: <c>{Url}v1</c> and
/// <c>{Url}v1beta</c>.
/// </summary>
public sealed class ScriptedProvider : IAsyncDisposable
{
    private readonly Ledger _ledger = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly string _tag = Guid.NewGuid().ToString("N")[..8];
    private volatile Script _script;
    private WebApplication? _app;

    private ScriptedProvider(Script script, int port, IPAddress address) => (_script, Url) = (script, new Uri($"http://{address}:{port}/"));

    /// <summary>Ends with a slash. It stays the same when the listener is opened again.</summary>
    public Uri Url { get; private set; }

    /// <summary>What has not been chosen for a request yet goes by the new one.</summary>
    public Script Script
    {
        get => _script;
        [MemberNotNull(nameof(_script))]
        set => _script = value;
    }

    /// <summary>By their numbers; of those that are too many the newest.</summary>
    public IReadOnlyList<SeenRequest> Seen => _ledger.Seen;

    /// <summary>Of what was served: each is there when its request is over, see <see cref="Idle"/>.</summary>
    public IReadOnlyList<Truth> Truths => _ledger.Truths;

    /// <summary>Of all truths, those that are not kept too.</summary>
    public Counts Total => _ledger.Total;

    public int Requests => _ledger.Requests;

    /// <summary>Requests that are being served now.</summary>
    public int Open => _ledger.Open;

    public int Served => _ledger.Served;

    internal Ledger Ledger => _ledger;

    /// <summary>A response's name in it: no other provider of this machine has the same.</summary>
    internal string Tag => _tag;

    /// <param name="address">Null: loopback.</param>
    public static async Task<ScriptedProvider> Start(Script script, int port = 0, IPAddress? address = null)
    {
        var provider = new ScriptedProvider(script, port, address ?? IPAddress.Loopback);
        await provider.Listen();
        return provider;
    }

    /// <summary>When no request is being served: a client that has left is noticed only then.</summary>
    public Task Idle() => _ledger.Idle();

    /// <summary>Connections end, and new ones are refused.</summary>
    public async Task Refuse()
    {
        await _turn.WaitAsync();
        try
        {
            if (_app is null) return;

            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await _app.StopAsync(now.Token);
            await _app.DisposeAsync();
            _app = null;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async Task Listen()
    {
        await _turn.WaitAsync();
        try
        {
            if (_app is not null) return;

            var app = Build(Url.Port);
            await app.StartAsync();
            (_app, Url) = (app, new Uri(new Uri(app.Urls.Single()), "/"));
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Refuse();
        _turn.Dispose();
    }

    private WebApplication Build(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = 256 << 20;
            options.Limits.MinResponseDataRate = null; // A client that reads slowly is a test, too.
            options.Limits.MinRequestBodyDataRate = null;
            options.Listen(IPAddress.Parse(Url.Host), port);
        });
        builder.Services.AddSingleton(this);
        var app = builder.Build();
        app.Run(http => new Exchange(this, http).Serve());
        return app;
    }
}
