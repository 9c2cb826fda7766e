using Agora.Client;
using Agora.Contracts;
using Agora.Testing;
using Microsoft.Extensions.Logging;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>What a client says that starts and reaches no silo.</summary>
public sealed class ConnectionRetryTests
{
    [Fact]
    public async Task What_keeps_a_client_from_the_cluster_is_logged_every_ten_seconds()
    {
        var (time, log) = (new SimTimeProvider(), new Lines());
        var retry = new ConnectionRetry(new() { Postgres = "", ClusterId = "agora-1", Caller = Caller.OfService("reporter", "a-key-that-both-know") }, time, log);

        for (var second = 0; second < 25; second++)
        {
            var tried = retry.ShouldRetryConnectionAttempt(new InvalidOperationException("outer", new IOException("The connection was closed.")), default);
            time.Advance(ConnectionRetry.RetryEvery);
            Assert.True(await tried);
        }

        Assert.Equal(Enumerable.Repeat("No silo of cluster agora-1 answers: The connection was closed. The client tries again every second, without TLS; silos with AGORA_CLUSTER_TLS_CERT answer clients with TLS only", 2), log.Said);
    }

    private sealed class Lines : ILogger<ConnectionRetry>
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Said.Add(formatter(state, exception));
    }
}
