using Agora.Testing.Postgres;

namespace Agora.Benchmarks.Tests;

/// <summary>The server that measurements are of starts on each store.</summary>
public sealed class ProductTests
{
    [PostgresFact]
    public async Task A_measured_server_starts_on_a_new_PostgreSQL_database()
    {
        using var data = new ScratchDirectory();
        await using var product = await Product.Start(data.Path, PostgresServer.Shared.CreateDatabase("measured"));
        using var http = new HttpClient { BaseAddress = product.Address };
        using var answer = await http.GetAsync("/healthz");
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
    }
}
