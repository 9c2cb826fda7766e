using System.Globalization;
using System.Text;
using Agora.Benchmarks.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Agora.Benchmarks.Servers;

/// <summary>
/// <see cref="PlainDesign"/> behind an ASP.NET endpoint, in both forms: prepared statements in one batch, a pool of connections that are
/// not reset in between. It authenticates nobody, validates nothing and calls no service.
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
        app.MapPost("/sessions/{session}/campaigns/{campaign}/runs", http => Run(http, database, RunGuarded));
        app.MapPost("/fastest/sessions/{session}/campaigns/{campaign}/runs", http => Run(http, database, RunFastest));
        await app.StartAsync();
        await Child.Serve(app);
    }

    private static async Task Run(HttpContext http, NpgsqlDataSource database, Func<NpgsqlDataSource, long, long, Guid, Task<bool>> run)
    {
        await BareServer.ReadBody(http);
        var (session, campaign, id) = (Number(http, "session"), Number(http, "campaign"), Guid.CreateVersion7());
        if (!await run(database, session, campaign, id))
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            http.Response.ContentLength = 0;
            return;
        }

        await BareServer.Write(http, Encoding.ASCII.GetBytes($$"""{"run_id":"{{id}}","state":"succeeded","payment":{"amount_cents":1,"campaign_id":{{campaign}},"status":"posted"} }"""));
    }

    private static async Task<bool> RunGuarded(NpgsqlDataSource database, long session, long campaign, Guid run)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var batch = new NpgsqlBatch(connection, transaction);
        Fill(batch, PlainDesign.GuardedSession, PlainDesign.GuardedCampaign, session, campaign, run);
        await batch.ExecuteNonQueryAsync();
        if (batch.BatchCommands[0].RecordsAffected != 1 || batch.BatchCommands[^1].RecordsAffected != 1)
        {
            await transaction.RollbackAsync();
            return false;
        }

        await transaction.CommitAsync();
        return true;
    }

    private static async Task<bool> RunFastest(NpgsqlDataSource database, long session, long campaign, Guid run)
    {
        try
        {
            await using var batch = database.CreateBatch();
            Fill(batch, PlainDesign.UpdateSession, PlainDesign.UpdateCampaign, session, campaign, run);
            await batch.ExecuteNonQueryAsync();
            return true;
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.CheckViolation)
        {
            return false;
        }
    }

    private static void Fill(NpgsqlBatch batch, string updateSession, string updateCampaign, long session, long campaign, Guid run)
    {
        Add(batch, updateSession, Value(PlainDesign.PriceMicros), Value(session));
        Add(batch, PlainDesign.InsertPayment, Value(run), Value(session), Value(campaign), Value(PlainDesign.PriceMicros));
        Add(batch, PlainDesign.InsertAudit, Value(session));
        Add(batch, updateCampaign, Value(PlainDesign.PriceMicros), Value(campaign));
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
