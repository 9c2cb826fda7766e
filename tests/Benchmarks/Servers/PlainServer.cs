using System.Globalization;
using System.Text;
using Agora.Benchmarks.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Agora.Benchmarks.Servers;

/// <summary>
/// <see cref="PlainDesign"/> behind an ASP.NET endpoint: one round trip a run, prepared statements, a pool of connections that are not
/// reset in between. It authenticates nobody, validates nothing and calls no service.
/// </summary>
internal static class PlainServer
{
    public static async Task Serve(Options options)
    {
        var connection = new NpgsqlConnectionStringBuilder(options.Text("postgres", ""))
        {
            MaxPoolSize = options.Number("pool", 64),
            MinPoolSize = options.Number("pool", 64),
            MaxAutoPrepare = 10,
            AutoPrepareMinUsages = 1,
            NoResetOnClose = true,
        };
        await using var database = NpgsqlDataSource.Create(connection);
        await using var app = BareServer.Build();
        app.MapPost("/sessions/{session}/campaigns/{campaign}/runs", http => Run(http, database));
        await app.StartAsync();
        await Child.Serve(app);
    }

    private static async Task Run(HttpContext http, NpgsqlDataSource database)
    {
        await BareServer.ReadBody(http);
        var (session, campaign, run) = (Number(http, "session"), Number(http, "campaign"), Guid.CreateVersion7());
        try
        {
            await using var batch = database.CreateBatch();
            Add(batch, PlainDesign.UpdateSession, Value(PlainDesign.PriceMicros), Value(session));
            Add(batch, PlainDesign.InsertPayment, Value(run), Value(session), Value(campaign), Value(PlainDesign.PriceMicros));
            Add(batch, PlainDesign.InsertAudit, Value(session));
            Add(batch, PlainDesign.UpdateCampaign, Value(PlainDesign.PriceMicros), Value(campaign));
            await batch.ExecuteNonQueryAsync(http.RequestAborted);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.CheckViolation)
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            http.Response.ContentLength = 0;
            return;
        }

        await BareServer.Write(http, Encoding.ASCII.GetBytes($$"""{"run_id":"{{run}}","state":"succeeded","payment":{"amount_cents":1,"campaign_id":{{campaign}},"status":"posted"} }"""));
    }

    private static long Number(HttpContext http, string name) => long.Parse((string)http.GetRouteValue(name)!, CultureInfo.InvariantCulture);

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(value);
        }

        batch.BatchCommands.Add(command);
    }
}
