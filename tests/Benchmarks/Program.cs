using System.Runtime.InteropServices;
using Agora.Benchmarks;
using Agora.Benchmarks.Load;
using Agora.Benchmarks.Servers;
using Agora.Benchmarks.SideBySide;

// Each measures what the product promises; together they take many minutes. Those that compare start this program again, as load
// and as servers, which end with it.
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Environment.Exit(130));
var options = new Options(args.Skip(1).ToArray());
switch (args.FirstOrDefault())
{
    case "calls":
        await Calls.Run(options);
        break;
    case "engine":
        await Engine.Run(options);
        break;
    case "validations":
        Validations.Run(options);
        break;
    case "search":
        Search.Run(options);
        break;
    case "runs":
        await (options.Flag("in-process") ? Runs.Run(options) : RunsContest.Run(options));
        break;
    case "cluster":
        await ClusterContest.Run(options);
        break;
    case "cluster-calls":
        await ClusterCalls.Run(options);
        break;
    case "reads":
        await ReadsContest.Run(options);
        break;
    case "transfers":
        await TransfersContest.Run(options);
        break;
    case "ledger":
        await LedgerTotals.Run(options);
        break;
    case "rows":
        await Runs.Rows(options);
        break;
    case "sessions":
        await Sessions.Run(options);
        break;
    case "tree":
        await Tree.Run(options);
        break;
    case "append":
        await Append.Run(options);
        break;
    case "feed":
        await Feed.Run(options);
        break;
    case "decisions":
        Decisions.Run(options);
        break;
    case "edge":
        await Edge.Run(options);
        break;
    case "cold-start":
        await ColdStart.Run(options);
        break;
    case "load":
        LoadGenerator.Serve(options);
        break;
    case "follow":
        await Feed.Follow(options);
        break;
    case "serve-bare":
        await BareServer.Serve(options);
        break;
    case "serve-plain":
        await PlainServer.Serve(options);
        break;
    case "serve-agora":
        await AgoraServer.Serve(options);
        break;
    default:
        Console.Error.WriteLine("calls | engine | decisions | edge | validations | search | runs | cluster | cluster-calls | transfers | ledger | tree | reads | rows | sessions | append | feed | cold-start, each with --NAME NUMBER for its settings");
        return 2;
}

return 0;
