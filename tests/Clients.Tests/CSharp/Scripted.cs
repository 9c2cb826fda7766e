using System.Net;
using System.Text;
using System.Text.Json;

namespace Agora.Clients.Tests.CSharp;

/// <summary>A server that answers as it is told, one answer a request, and remembers what it was sent.</summary>
/// <param name="answers">Null: the reply is lost.</param>
internal sealed class Scripted(params (HttpStatusCode Status, string Body)?[] answers) : HttpMessageHandler
{
    private readonly Queue<(HttpStatusCode Status, string Body)?> _left = new(answers);

    public List<string?> Keys { get; } = [];

    public List<string?> Tokens { get; } = [];

    public static (HttpStatusCode Status, string Body)? Refusal(int status, string code, string retry = "never", int? after = null)
    {
        var error = new { code, message = "No.", retry, retry_after_seconds = after, next_actions = Array.Empty<object>() };
        return ((HttpStatusCode)status, JsonSerializer.Serialize(new { status = "error", request_id = "r", error }));
    }

    public static (HttpStatusCode Status, string Body)? Ok(string data = "{}") => (HttpStatusCode.OK, "{\"status\":\"success\",\"request_id\":\"r\",\"next_actions\":[],\"data\":" + data + "}");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Keys.Add(request.Headers.TryGetValues("Idempotency-Key", out var keys) ? keys.Single() : null);
        Tokens.Add(request.Headers.Authorization?.Parameter);
        return _left.Dequeue() is { } answer
            ? Task.FromResult(new HttpResponseMessage(answer.Status) { Content = new StringContent(answer.Body, Encoding.UTF8, "application/json") })
            : throw new HttpRequestException("The connection has ended.");
    }
}

/// <summary>Passes requests on, and of so many runs no reply: the server has done what it was asked, and the caller does not know.</summary>
internal sealed class Lossy(int runs) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
{
    private int _left = runs;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        return request.RequestUri!.AbsolutePath.EndsWith("/run", StringComparison.Ordinal) && _left-- > 0 ? throw new HttpRequestException("The reply was lost.") : response;
    }
}

/// <summary>Time goes on as soon as anybody waits for it.</summary>
internal sealed class Hasty : TimeProvider
{
    private long _ticks;

    public List<TimeSpan> Waits { get; } = [];

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // A delay, not the bound of a try.
        if (dueTime <= TimeSpan.FromSeconds(20))
        {
            Waits.Add(dueTime);
            _ticks += dueTime.Ticks;
            callback(state);
        }

        return new Idle();
    }

    private sealed class Idle : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
