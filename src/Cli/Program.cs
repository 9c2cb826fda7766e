using Agora.Cli;

return await Shell.Run(args, Terminal.OfProcess());
