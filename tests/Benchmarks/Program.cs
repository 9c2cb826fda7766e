using Agora.Benchmarks;

// Each measures one number that the product promises; together they take some minutes.
var options = new Options(args.Skip(1).ToArray());
switch (args.FirstOrDefault())
{
    case "calls":
        await Calls.Run(options);
        break;
    case "validations":
        Validations.Run(options);
        break;
    case "search":
        Search.Run(options);
        break;
    case "runs":
        await Runs.Run(options);
        break;
    case "rows":
        await Runs.Rows(options);
        break;
    case "sessions":
        await Sessions.Run(options);
        break;
    case "append":
        await Append.Run(options);
        break;
    case "cold-start":
        await ColdStart.Run(options);
        break;
    default:
        Console.Error.WriteLine("calls | validations | search | runs | rows | sessions | append | cold-start, each with --NAME NUMBER for its settings");
        return 2;
}

return 0;
